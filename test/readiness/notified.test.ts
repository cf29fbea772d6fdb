import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { any, listening, notified, StartupTimeoutError, withDaemon } from '../../src/index.ts';
import { watchTraces } from '../support/traces.ts';

/** Sends datagrams with perl, which is a part of every Debian, as no shell can. */
const says = (...datagrams: string[]) => [
	'perl',
	'-MSocket',
	'-e',
	`socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; connect($s, sockaddr_un($ENV{NOTIFY_SOCKET})) or die $!;
	for (@ARGV) { defined(send($s, $_, 0)) or die $! } sleep 1000`,
	...datagrams,
];
const options = { name: 'x', ready: notified(), shutdownCommand: 'SIGTERM' } as const;

test('a daemon is ready when it says so, and its socket goes with it', async () => {
	const { left } = watchTraces();
	const startupCommand = says('STATUS=almost\n', 'MAINPID=1\nREADY=1\n');
	const socket = await withDaemon({ ...options, startupCommand }, ({ dir }) => {
		const path = join(dir, '.notify');
		expect(existsSync(path)).toBe(true);
		return path;
	});
	expect(existsSync(socket)).toBe(false);
	expect(left()).toEqual([]);
});

test('an empty datagram does not end the wait', async () => {
	await withDaemon({ ...options, startupCommand: says('', 'STATUS=x', '', 'READY=1') }, () => {});
});

test('a restart waits for the next word', async () => {
	await withDaemon({ ...options, startupCommand: says('READY=1') }, async daemon => {
		const before = daemon.pid;
		await daemon.restart();
		expect(daemon.pid).not.toBe(before);
	});
});

test('it can be a part of `any`', async () => {
	const ready = any([listening(1), notified()]);
	await withDaemon({ ...options, ready, startupCommand: says('READY=1') }, () => {});
});

test('until then the status of the daemon is the reason', async () => {
	const { left } = watchTraces();
	const startupCommand = says('STATUS=reading 7 files', 'READY=0', 'XREADY=1');
	const run = withDaemon({ ...options, startupCommand, startupTimeout: 3000 }, () => expect.unreachable());
	await expect(run).rejects.toThrow(StartupTimeoutError);
	await expect(run).rejects.toThrow(/waiting for +READY=1 on NOTIFY_SOCKET +its status is: reading 7 files\n/);
	expect(left()).toEqual([]);
});

test('only a daemon that is to say it gets the variable, and if it says nothing, the error asks why', async () => {
	vi.stubEnv('NOTIFY_SOCKET', '/the/callers');
	const startupCommand = ['sh', '-c', 'echo "[$NOTIFY_SOCKET]"; exec sleep 1000'];
	await withDaemon({ startupCommand, lookFor: ']' }, ({ log }) => expect(log.lines()).toEqual(['[/the/callers]']));
	const run = withDaemon({ ...options, startupCommand, startupTimeout: 3000 }, () => {});
	await expect(run).rejects.toThrow(/\[\/\S+\/\.notify\]/);
	await expect(run).rejects.toThrow('it has not said so: does it speak to systemd, and may its user enter {dir}?');
	vi.unstubAllEnvs();
});
