import { expect, test } from 'vitest';
import { type MemberChange, withDaemons } from '../../src/index.ts';
import { takeWarnings } from '../setup/no-warnings.ts';

const ready = { startupCommand: 'echo ready; exec sleep 1000', lookFor: 'ready' };

/** Collects changes as lines. */
function collect(): { lines: string[]; onChange: (change: MemberChange) => void } {
	const lines: string[] = [];
	const show = ({ name, state, error }: MemberChange) =>
		lines.push(`${name} ${state}${error instanceof Error ? `: ${error.name}` : ''}`);
	return { lines, onChange: show };
}

test('a group tells of each state of its members: a task is stopped when it is done', async () => {
	const { lines, onChange } = collect();
	const group = { db: ready, task: { startupCommand: 'true', task: true, dependsOn: 'db' } } as const;
	await withDaemons(group, () => void lines.push('used'), { onChange });
	expect(lines).toEqual([
		...['db starting', 'db ready', 'task starting', 'task stopped'],
		...['used', 'db stopping', 'db stopped'],
	]);
});

test('a group tells of the member that failed, with its error, and that the start of the others was stopped', async () => {
	const { lines, onChange } = collect();
	const group = {
		bad: { startupCommand: ['sh', '-c', 'exit 3'], lookFor: 'never' },
		late: { startupCommand: 'exec sleep 1000', lookFor: 'never' },
	};
	const failing = withDaemons(group, () => {}, { onChange });
	await expect(failing).rejects.toThrow('bad exited with code 3');
	expect(new Set(lines)).toEqual(
		new Set(['bad starting', 'late starting', 'bad failed: StartupError', 'late stopping', 'late stopped']),
	);
});

test('a group tells of a death, and of what a teardown has found', async () => {
	const { lines, onChange } = collect();
	const deaf = { startupCommand: "trap '' TERM; echo ready; sleep 1000", lookFor: 'ready', shutdownTimeout: 100 };
	const group = { dies: ready, deaf };
	const failing = withDaemons(group, ({ dies }) => new Promise(() => process.kill(dies.pid, 'SIGKILL')), {
		onChange,
	});
	await expect(failing).rejects.toThrow('dies was killed by SIGKILL');
	expect(lines).toContain('dies failed: DaemonExitedError');
	expect(lines.slice(-2)).toEqual(['deaf stopping', 'deaf stopped: ShutdownTimeoutError']);
});

const throws = (thrown: unknown) => () => {
	throw thrown;
};

test.each([
	['an error', throws(new Error('no')), 'onChange threw Error: no'],
	['what is no text', throws(Object.create(null)), 'onChange threw something that cannot be shown (object)'],
	['an error, later,', async () => await Promise.reject(new Error('no')), 'onChange threw Error: no'],
])('%s of the function becomes a warning, and nothing is left', async (_, onChange, warning) => {
	expect(await withDaemons({ db: ready }, ({ db }) => db.state, { onChange })).toBe('ready');
	// Node emits a warning a little later.
	const warnings: string[] = [];
	const take = () => warnings.push(...takeWarnings().map(({ message }) => message));
	await expect.poll(take).toBe(4);
	expect(new Set(warnings)).toEqual(new Set([warning]));
});
