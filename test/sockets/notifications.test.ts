import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { DaemonExitedError, notified, type RunningDaemon, withDaemon } from '../../src/index.ts';
import { Notifications } from '../../src/sockets/notifications.ts';
import { Deadline } from '../../src/time/deadline.ts';
import { pollUntil } from '../../src/time/poll.ts';
import { perl } from '../support/notify.ts';
import { isGone } from '../support/processes.ts';
import { watchTraces } from '../support/traces.ts';
import { callLibc } from '../support/way-to-libc.ts';

const options = { name: 'x', ready: notified(), shutdownCommand: 'SIGTERM' } as const;
const exits = perl('say_("MAINPID=$child\\nREADY=1"); exit 0');

const firstOf = ({ log }: RunningDaemon) => Number(/^first (\d+)$/m.exec(log.text())?.[1]);

beforeAll(callLibc);

describe.concurrent('the process that MAINPID names', () => {
	test.each([
		['in the same word', exits],
		['after it is ready', perl('say_("READY=1", ("STATUS=x", "") x 4, "MAINPID=$child"); exit 0')],
		['before the first process exits, and is ready later', perl('say_("MAINPID=$child"); exit 0; #late')],
	])('is the daemon, if it is said %s', async (_, startupCommand) => {
		const pid = await withDaemon({ ...options, startupCommand }, async daemon => {
			const first = firstOf(daemon);
			await pollUntil(() => isGone(first) && daemon.pid !== first, AbortSignal.timeout(60_000));
			expect(daemon.isAlive()).toBe(true);
			expect(readFileSync(String(daemon.pidFile), 'latin1')).toBe(`${daemon.pid}\n`);
			return daemon.pid;
		});
		expect(isGone(pid)).toBe(true);
	});

	test('is the daemon although the first process stays, and its death is noticed', async () => {
		const startupCommand = perl('say_("MAINPID=$child\\nREADY=1"); waitpid $child, 0');
		const seen: unknown[] = [];
		const run = withDaemon({ ...options, startupCommand }, async daemon => {
			expect(isGone(firstOf(daemon))).toBe(false);
			daemon.signal.addEventListener('abort', () => seen.push(daemon.signal.reason));
			process.kill(daemon.pid, 'SIGKILL');
			await new Promise<never>(() => {});
		});
		await expect(run).rejects.toThrow();
		expect(seen).toEqual([expect.any(DaemonExitedError)]);
	});
});

describe.concurrent('an error shows', () => {
	const rowsOf = (error: unknown) =>
		String(error)
			.match(/^ {2}(?:notified|waiting for) .*(?:\n {10,}\S.*)*|^\S*Error: .*$/gm)
			?.join('\n');

	test('what was said before the daemon was ready, and that the time of the start was extended', async ({ expect }) => {
		const startupCommand = perl(
			'kill 9, $child; say_("EXTEND_TIMEOUT_USEC=600000000\nSTATUS=reading 7 files\nSTOPPING=1"); sleep 1 while 1',
		);
		const run = withDaemon({ ...options, startupCommand, startupTimeout: 8000 }, () => expect.unreachable());
		const error = await run.catch((reason: unknown) => reason);
		expect(error).toMatchObject({ timeoutMs: 16_000 });
		expect(rowsOf(error)).toMatchInlineSnapshot(`
			"StartupTimeoutError: x was not ready within 16000 ms
			  waiting for  READY=1 on NOTIFY_SOCKET   its status is: reading 7 files
			  notified     STOPPING=1
			               EXTEND_TIMEOUT_USEC extended 8000 ms to 16000 ms, which is the most"
		`);
	});

	test('what was said during the shutdown, and that its time was extended', async ({ expect }) => {
		const startupCommand = perl(
			`kill 9, $child; $SIG{TERM} = sub { say_("STATUS=saving", "STOPPING=1", "EXTEND_TIMEOUT_USEC=600000000") };
			say_("READY=1"); sleep 1 while 1`,
		);
		const run = withDaemon({ ...options, startupCommand, shutdownTimeout: 5000 }, () => {});
		const error = await run.catch((reason: unknown) => reason);
		expect(error).toMatchObject({ timeoutMs: 10_000 });
		expect(rowsOf(error)).toMatchInlineSnapshot(`
			"ShutdownTimeoutError: x did not end within 10000 ms of SIGTERM, and was ended by SIGKILL
			  notified     STATUS=saving
			               STOPPING=1
			               EXTEND_TIMEOUT_USEC extended 5000 ms to 10000 ms, which is the most"
		`);
	});
});

test('an extension counts from the moment when it is said, and never shortens the time', () => {
	const notifications = new Notifications();
	const deadline = new Deadline(60_000);
	notifications.hear('EXTEND_TIMEOUT_USEC=70000000');
	notifications.heed(deadline);
	for (const text of ['x', '-1', '1000000', '', '1e9']) notifications.hear(`EXTEND_TIMEOUT_USEC=${text}`);
	expect(notifications.describe()).toEqual([]);
	notifications.hear('EXTEND_TIMEOUT_USEC=70000000');
	expect(deadline.ms).toBeGreaterThanOrEqual(70_000);
	expect(deadline.ms).toBeLessThan(120_000);
	deadline.clear();
});

test('of many MAINPIDs in one datagram, only the last is looked at', () => {
	const notifications = new Notifications();
	const taken: number[] = [];
	notifications.onMainPid(pid => void taken.push(pid));
	notifications.hear(`${'MAINPID=1\n'.repeat(10_000)}MAINPID=7`);
	expect(taken).toEqual([7]);
});

test('the first process, when it is named again, has its exit status', async () => {
	const startupCommand = perl(
		'$SIG{USR1} = sub { kill 9, $child; exit 3 }; say_("MAINPID=$child", "MAINPID=$$", "READY=1"); sleep 1 while 1',
	);
	const run = withDaemon({ ...options, startupCommand }, async daemon => {
		const first = firstOf(daemon);
		await pollUntil(() => daemon.pid === first, AbortSignal.timeout(60_000));
		process.kill(first, 'SIGUSR1');
		await new Promise<never>(() => {});
	});
	await expect(run).rejects.toThrow(/x exited with code 3/);
});

test('a restart follows the next process that MAINPID names, and nothing is left', async () => {
	const { left } = watchTraces();
	await withDaemon({ ...options, startupCommand: exits }, async daemon => {
		const before = daemon.pid;
		await daemon.restart();
		expect(daemon.pid).not.toBe(before);
		expect(isGone(before)).toBe(true);
		expect(isGone(daemon.pid)).toBe(false);
	});
	expect(left()).toEqual([]);
});

test('the death of a process that was followed by its MAINPID has an unknown exit status', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ ...options, startupCommand: exits }, daemon => {
		process.kill(daemon.pid, 'SIGKILL');
		return new Promise<never>(() => {});
	});
	await expect(run).rejects.toThrow('x ended with an unknown exit status while it was in use');
	await expect(run).rejects.toThrow(/exit status +unknown, as with MAINPID the daemon is no child of this library/);
	expect(left()).toEqual([]);
});

test('with `forking`, MAINPID takes the place of a PID file', async () => {
	const startupCommand = perl('say_("MAINPID=$child"); exit 0; #late');
	await withDaemon({ ...options, startupCommand, forking: true }, daemon => {
		expect(daemon.pid).not.toBe(firstOf(daemon));
		expect(existsSync(String(daemon.pidFile))).toBe(false);
	});
});
