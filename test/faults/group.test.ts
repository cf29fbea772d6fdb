import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DaemonError, startDaemons, withDaemons } from '../../src/index.ts';
import { startStayingCaller } from '../support/callers.ts';
import { eventually } from '../support/doomed-callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { watchTraces } from '../support/traces.ts';

const ready = { startupCommand: 'echo ready; exec sleep 1000', lookFor: 'ready' };
const never = { startupCommand: 'echo begun; exec sleep 1000', lookFor: 'ready' };
const errorOf = async (work: Promise<unknown>) =>
	(await work.then(
		() => expect.unreachable(),
		reason => reason,
	)) as DaemonError;

test('a member that fails ends the group with its error alone', async () => {
	const { left } = watchTraces();
	const fails = { startupCommand: 'echo broken; exit 3', lookFor: 'ready', dependsOn: 'db' };
	const error = await errorOf(
		startDaemons({ db: ready, slow: never, api: fails, web: { ...ready, dependsOn: 'api' } }),
	);
	expect(error).toMatchObject({ code: 'ERR_DAEMON_STARTUP', daemon: 'api', exit: { code: 3 } });
	expect(error.message).toContain('| broken');
	expect(left()).toEqual([]);
});

test('a member that is not ready in time is shown with every other one that is not, and with the way to it', async () => {
	const { left } = watchTraces();
	const api = { ...never, dependsOn: ['db', 'migrate'], startupTimeout: 3000 };
	const migrate = { startupCommand: 'true', task: true, dependsOn: 'db' };
	const group = { db: ready, migrate, api, web: { ...ready, dependsOn: ['api', 'db'] }, slow: never };
	const error = await errorOf(startDaemons(group));
	expect(error).toMatchObject({ code: 'ERR_DAEMON_STARTUP_TIMEOUT', daemon: 'api' });
	expect(error.message.replace(/\d+ ms/g, 'N ms')).toContain(`
  not ready    web   not started, as it waits for api
               slow   log line "ready"   1 line read, no match
  path         db N ms → migrate N ms → api not ready after N ms`);
	expect(left()).toEqual([]);
});

test('a group that is not ready in time shows every member that is not, with its log', async () => {
	const { left } = watchTraces();
	const group = { slow: never, web: { ...ready, dependsOn: 'slow' } };
	const error = await errorOf(startDaemons(group, { startupTimeout: 4000 }));
	expect(error).toMatchObject({ code: 'ERR_DAEMON_STARTUP_TIMEOUT', daemon: 'daemons', timeoutMs: 4000 });
	expect(error.message.replace(/after \d+ ms/g, 'after N ms')).toBe(`daemons were not ready within 4000 ms
  not ready    slow   log line "ready"   1 line read, no match
               web   not started, as it waits for slow
  path         slow not ready after N ms
  log          slow   | begun`);
	expect(left()).toEqual([]);
});

test('a task that exits with 3 ends the group before its dependents start', async () => {
	const file = join(temporaryFolder(), 'started');
	const migrate = { startupCommand: 'echo no such table; exit 3', task: true };
	const api = { startupCommand: ['touch', file], dependsOn: 'migrate' };
	const error = await errorOf(withDaemons({ migrate, api }, () => {}));
	expect(error).toMatchObject({ code: 'ERR_DAEMON_STARTUP', daemon: 'migrate', exit: { code: 3 } });
	expect(error.message).toContain('waiting for  exit with code 0   it exited with code 3');
	expect(error.message).toContain('| no such table');
	expect(existsSync(file)).toBe(false);
});

test('a task that never ends is stopped when its time is over', async () => {
	const migrate = { startupCommand: 'exec sleep 1000', task: true, startupTimeout: 2000 };
	const error = await errorOf(withDaemons({ migrate }, () => {}));
	expect(error).toMatchObject({ code: 'ERR_DAEMON_STARTUP_TIMEOUT', daemon: 'migrate' });
	expect(error.message).toContain('waiting for  exit with code 0   it still runs');
});

test('a process that a task leaves is found and ended before its dependents start', async () => {
	const file = join(temporaryFolder(), 'started');
	const { left } = watchTraces();
	const migrate = { startupCommand: 'sleep 1000 & exit 0', task: true };
	const api = { startupCommand: ['touch', file], dependsOn: 'migrate' };
	const error = await errorOf(withDaemons({ migrate, api }, () => {}));
	expect(error).toMatchObject({ code: 'ERR_DAEMON_LEAK', daemon: 'migrate' });
	expect(existsSync(file)).toBe(false);
	expect(left()).toEqual([]);
});

test('a member that dies in use ends the test with its error, although the function never settles', async () => {
	const { left } = watchTraces();
	const work = withDaemons({ db: ready, api: { ...ready, dependsOn: 'db' } }, ({ db }, { signal }) => {
		process.kill(db.pid, 'SIGKILL');
		expect(signal.aborted).toBe(false);
		return new Promise(() => {});
	});
	expect(await errorOf(work)).toMatchObject({ code: 'ERR_DAEMON_EXITED', daemon: 'db', exit: { signal: 'SIGKILL' } });
	expect(left()).toEqual([]);
});

test('a member that dies while another one starts ends the start', async () => {
	const folder = temporaryFolder();
	const { left } = watchTraces();
	const db = {
		startupCommand: ['sh', '-c', 'echo ready; until [ -e "$0/go" ]; do sleep 0.02; done; exit 4', folder],
		lookFor: 'ready',
	};
	const api = {
		startupCommand: ['sh', '-c', 'touch "$0/go"; exec sleep 1000', folder],
		lookFor: 'ready',
		dependsOn: 'db',
	};
	const error = await errorOf(startDaemons({ db, api }));
	expect(error).toMatchObject({ code: 'ERR_DAEMON_EXITED', daemon: 'db', exit: { code: 4 } });
	expect(left()).toEqual([]);
});

test('a caller that is killed takes its group with it', async () => {
	const { left } = watchTraces();
	const caller = startStayingCaller('group.mjs', []);
	const pids: number[] = JSON.parse(await caller.line());
	expect(pids.filter(isGone)).toEqual([]);
	await caller.end('SIGKILL');
	await eventually(() => left().length === 0);
	expect(left()).toEqual([]);
	expect(pids.filter(pid => !isGone(pid))).toEqual([]);
});
