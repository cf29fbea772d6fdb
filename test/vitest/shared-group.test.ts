import { expect, test } from 'vitest';
import type { DaemonsOfRun } from '../../src/vitest/daemons-of-run.ts';
import { type Project, SharedGroup } from '../../src/vitest/shared-group.ts';

const VARIABLE = 'SHARED_GROUP_PID';

test('what was started anew replaces what was gone, until the last project leaves, and then the environment is as before', async () => {
	const started: number[] = [];
	const ended: number[] = [];
	const start = async (): Promise<DaemonsOfRun> => {
		const pid = started.length + 1;
		started.push(pid);
		const daemon = { pid, port: undefined, ports: {}, captures: {}, exports: { [VARIABLE]: `${pid}` } };
		return {
			all: [{ name: 'api', provided: daemon, whereabouts: undefined }],
			// Only the first one is gone.
			areThere: () => pid !== 1,
			end: async () => void ended.push(pid),
		};
	};
	const provided: Record<string, object> = {};
	const reruns: (() => Promise<void>)[] = [];
	const project: Project = {
		config: { root: '/', setupFiles: [] },
		vitest: { config: { root: '/' }, projects: [] },
		isRootProject: () => false,
		getProvidedContext: () => provided,
		provide: (name: string, value: object) => void Object.assign(provided, { [name]: value }),
		onTestsRerun: work => void reruns.push(work),
	};
	const shared = new SharedGroup(start, () => {});
	await shared.join(project);
	expect(process.env[VARIABLE]).toBe('1');
	for (let run = 1; run <= 2; run += 1) for (const rerun of reruns) await rerun();
	expect([process.env[VARIABLE], started]).toEqual(['2', [1, 2]]);
	expect(provided).toMatchObject({ daemons: { api: { pid: 2 } } });
	await shared.leave(project);
	expect([process.env[VARIABLE], ended]).toEqual([undefined, [2]]);
});
