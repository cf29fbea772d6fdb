import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import type { DaemonGroup } from '../../src/index.ts';
import { openReleased } from '../../src/registry/released.ts';
import { cleanReleased } from '../../src/released/clean.ts';
import { examine } from '../../src/released/condition.ts';
import { findReleased, listReleased } from '../../src/released/find.ts';
import { startReleased } from '../../src/released/start.ts';
import { stopReleased } from '../../src/released/stop.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { freePort, listenOn } from '../support/ports.ts';
import { isGone, ps } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';
import { watchTraces } from '../support/traces.ts';

const { signal } = new AbortController();

/** Starts daemons that the test stops, whatever happens. */
async function start(checkout: string, group: DaemonGroup) {
	onTestFinished(async () => void (await stopReleased({ checkout, names: [], all: true, signal })));
	return await startReleased({ checkout, group, signal });
}

test('a released daemon is an orphan in a session whose leader is gone, and stop leaves nothing', async () => {
	const checkout = temporaryFolder();
	const traces = watchTraces();
	const [started] = await start(checkout, { api: { startupCommand: 'echo hi; exec sleep 1000', lookFor: 'hi' } });
	expect(started).toMatchObject({ name: 'api', how: 'started' });
	const released = findReleased(checkout, 'api');
	const pid = released?.launched.identity.pid ?? 0;
	const [ppid, sid = ''] = ps(pid, 'ppid', 'sid');
	// Its parent is init, or a process that adopts orphans (PR_SET_CHILD_SUBREAPER).
	expect([ppid === sid, ppid === String(process.pid), isGone(Number(sid))]).toEqual([false, false, true]);
	const log = released?.record.log?.path ?? '';
	expect(readFileSync(log, 'utf8')).toBe('hi\n');
	expect(statSync(dirname(log)).mode & 0o777).toBe(0o700);
	if (released) expect(await examine(released)).toEqual({ state: 'ready', why: undefined, notes: [] });
	const [ending] = await stopReleased({ checkout, names: ['api'], all: false, signal });
	expect(ending).toMatchObject({ wasGone: undefined, error: undefined });
	expect(existsSync(log)).toBe(false);
	expect(listReleased()).toEqual([]);
	expect(traces.left()).toEqual([]);
});

test('a port that is open when nothing is left of a released daemon is reported with the process that has it', async () => {
	const checkout = temporaryFolder();
	const port = await freePort();
	await start(checkout, { api: { startupCommand: 'exec sleep 1000', port, ready: [] } });
	await listenOn(port);
	const [ending] = await stopReleased({ checkout, names: ['api'], all: false, signal });
	expect(ending).toMatchObject({ isOver: true, error: { code: 'ERR_DAEMON_LEAK' } });
	expect(ending?.error?.message).toContain(`port ${port}`);
	expect(ending?.error?.message).toContain(String(process.pid));
});

test('a task that exports variables is done again for daemons that run already, as these were started with them', async () => {
	const checkout = temporaryFolder();
	const seed = { startupCommand: 'true;', task: true, exports: { SEED: 'one' } };
	const api = { startupCommand: 'echo hi; exec sleep 1000', lookFor: 'hi', dependsOn: 'seed' };
	await start(checkout, { seed, api });
	const again = await start(checkout, { seed, api });
	expect(again.map(({ name, how }) => [name, how])).toEqual([
		['seed', 'done'],
		['api', 'runs already'],
	]);
});

test('the empty folder of a checkout, which a start that was killed has left, is removed by stop and by clean', async () => {
	const checkout = temporaryFolder();
	const leave = () => {
		const folder = openReleased(checkout);
		folder.close();
		return folder.name;
	};
	const path = leave();
	await stopReleased({ checkout, names: [], all: true, signal });
	expect(existsSync(path)).toBe(false);
	leave();
	await cleanReleased(signal);
	expect(existsSync(path)).toBe(false);
});
