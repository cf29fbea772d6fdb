/** Daemons that say wrong things about themselves, or nothing at all. */
import { beforeAll, expect, test } from 'vitest';
import { notified, StartupError, withDaemon } from '../../src/index.ts';
import { expectNothingLeft, killCaller, type Said, startCaller } from '../support/doomed-callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { perl, says } from '../support/notify.ts';
import { isGone } from '../support/processes.ts';
import { watchTraces } from '../support/traces.ts';
import { isHeardAndSleeps, waitedFor } from '../support/waited-for.ts';
import { callLibc } from '../support/way-to-libc.ts';

const options = { name: 'x', ready: notified(), shutdownCommand: 'SIGTERM' } as const;

beforeAll(callLibc);

test('a MAINPID that names a stranger is not believed, and the stranger is left alone', async () => {
	const { left } = watchTraces();
	const startupCommand = perl(`say_("MAINPID=${process.pid}"); kill 9, $child; exit 0`);
	const run = withDaemon({ ...options, startupCommand }, () => expect.unreachable());
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow('x exited with code 0 before it was ready');
	await expect(run).rejects.toThrow(
		new RegExp(`notified +MAINPID names process ${process.pid} \\(.+\\), which this start has not made\\n`),
	);
	expect(left()).toEqual([]);
});

test('a caller that is killed takes a daemon with it that was followed by its MAINPID', async () => {
	const startupCommand = perl('say_("MAINPID=$child\\nREADY=1"); exit 0');
	const temporary = temporaryFolder();
	const caller = startCaller('waits', { startupCommand, ready: notified() }, temporary);
	const { pid, lines } = (await caller.next()) as Said;
	expect(lines).not.toContain(`first ${pid}`);
	expect(isGone(pid)).toBe(false);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft([pid], temporary);
});

test('a datagram that is empty, or full of what nobody knows, is passed over, and the next one is heard', async () => {
	const startupCommand = says('', 'X'.repeat(100_000), '\n\n=\nREADY=', '', 'READY=1');
	await withDaemon({ ...options, startupCommand }, daemon => expect(daemon.isAlive()).toBe(true));
});

test('a descriptor that the daemon closes without a line is the reason why it is not ready', async () => {
	const { left } = watchTraces();
	const startupCommand = ['sh', '-c', 'exec 3>&-; exec sleep 1000'];
	expect(await waitedFor({ ...options, startupCommand, ready: [notified({ fd: 3 })] }, isHeardAndSleeps)).toBe(
		'a line on descriptor 3   it has closed the descriptor, and has written no line to it before',
	);
	expect(left()).toEqual([]);
});
