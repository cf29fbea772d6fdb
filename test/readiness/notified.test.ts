import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { any, Daemon, listening, notified, StartupTimeoutError, withDaemon } from '../../src/index.ts';
import { says } from '../support/notify.ts';
import { watchTraces } from '../support/traces.ts';
import { isHeardAndSleeps, waitedFor } from '../support/waited-for.ts';
import { callLibc } from '../support/way-to-libc.ts';

const options = { name: 'x', ready: notified(), shutdownCommand: 'SIGTERM' } as const;

beforeAll(callLibc);

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

test('a restart waits until the daemon says that it is ready again', async () => {
	await withDaemon({ ...options, startupCommand: says('READY=1') }, async daemon => {
		const before = daemon.pid;
		await daemon.restart();
		expect(daemon.pid).not.toBe(before);
	});
});

test('what an earlier run has left does not speak for the next one', async () => {
	const speaks = `sub ready { socket(my $s, AF_UNIX, SOCK_DGRAM, 0); connect($s, sockaddr_un($ENV{NOTIFY_SOCKET})) && send($s, "READY=1", 0) }
	sleep 1000 if -e "$ARGV[0]/second"; open(my $f, ">", "$ARGV[0]/second"); ready();
	unless (fork) { setsid(); for (;;) { ready(); select undef, undef, undef, 0.02 } } sleep 1000`;
	const startupCommand = ['perl', '-MSocket', '-MPOSIX=setsid', '-e', speaks, '{dir}'];
	const run = withDaemon({ ...options, startupCommand, startupTimeout: 3000 }, async daemon => await daemon.restart());
	await expect(run).rejects.toThrow('x was not ready within 3000 ms');
});

test('a daemon that puts something else in the place of its socket is stopped like any other', async () => {
	const { left } = watchTraces();
	const says = 'send($s, "READY=1", 0); my $n = $ENV{NOTIFY_SOCKET}; unlink $n; mkdir $n; open(my $f, ">", "$n/file");';
	const connects = 'socket(my $s, AF_UNIX, SOCK_DGRAM, 0); connect($s, sockaddr_un($ENV{NOTIFY_SOCKET}));';
	const startupCommand = ['perl', '-MSocket', '-e', `${connects} ${says} $| = 1; print "done\n"; sleep 1000`];
	await withDaemon({ ...options, startupCommand, lookFor: 'done' }, () => {});
	expect(left()).toEqual([]);
});

test('it can be a part of `any`', async () => {
	const ready = any([listening(1), notified()]);
	await withDaemon({ ...options, ready, startupCommand: says('READY=1') }, () => {});
});

test('until a daemon says that it is ready, its status is the reason', async () => {
	const { left } = watchTraces();
	const startupCommand = says('STATUS=reading 7 files', 'READY=0', 'XREADY=1');
	const run = withDaemon({ ...options, startupCommand, startupTimeout: 8000 }, () => expect.unreachable());
	await expect(run).rejects.toThrow(StartupTimeoutError);
	await expect(run).rejects.toThrow(/waiting for +READY=1 on NOTIFY_SOCKET +its status is: reading 7 files\n/);
	expect(left()).toEqual([]);
});

test('only a daemon that is to say it gets the variable, and if it says nothing, the error asks why', async () => {
	const startupCommand = ['sh', '-c', 'echo "[$NOTIFY_SOCKET]"; exec sleep 1000'];
	await withDaemon({ startupCommand, lookFor: ']' }, ({ log }) => expect(log.lines()).toEqual(['[]']));
	const run = withDaemon({ ...options, startupCommand, startupTimeout: 8000 }, () => {});
	await expect(run).rejects.toThrow(/\[\/\S+\/\.notify\]/);
	await expect(run).rejects.toThrow('it has not said so: does it speak to systemd, and may its user enter {dir}?');
});

describe.concurrent('a line on a descriptor', () => {
	const sh = (script: string) => ['sh', '-c', `${script}; exec sleep 1000`];

	test.each([
		['of a command', { startupCommand: sh('echo ready >&3'), ready: notified({ fd: 3 }) }],
		['of a command beside sockets', { startupCommand: sh('echo >&7'), ready: notified({ fd: 7 }), listen: 'auto' }],
		[
			'of JavaScript',
			{
				startupCommand: async () => {
					(await import('node:fs')).writeSync(4, '\n');
					setInterval(() => {}, 1000);
				},
				ready: any([listening(1), notified({ fd: 4 })]),
			},
		],
		[
			'of a command that daemonizes itself',
			{
				startupCommand: "setsid sh -c 'echo $$ > {pidFile}; echo ready >&3; exec sleep 1000' &",
				ready: notified({ fd: 3 }),
				forking: true,
			},
		],
	] as const)('%s says that it is ready, and so does that of the next run', async (_, given) => {
		await withDaemon({ ...given, shutdownCommand: 'SIGTERM' }, async daemon => {
			const before = daemon.pid;
			await daemon.restart();
			expect(daemon.pid).not.toBe(before);
		});
	});

	test('is waited for by a `Daemon`, too', async ({ onTestFinished }) => {
		const folder = mkdtempSync(join(tmpdir(), 'test-'));
		onTestFinished(() => rmSync(folder, { recursive: true }));
		const pidFile = join(folder, 'x.pid');
		const daemon = new Daemon({ name: 'x', pidFile, startupCommand: sh('echo >&3'), ready: notified({ fd: 3 }) });
		await daemon.startup();
		expect(daemon.state).toBe('ready');
		await daemon.shutdown();
	});

	test.each([
		['', 'it has written nothing to it: is it told to use descriptor 3?'],
		['printf abc >&3', "it has written 'abc', but no end of a line"],
	])('is missing, and the reason says so, after `%s`', async (script, reason) => {
		const startupCommand = sh(script || ':');
		const options = { name: 'x', startupCommand, ready: [notified({ fd: 3 })], shutdownCommand: 'SIGTERM' as const };
		expect(await waitedFor(options, isHeardAndSleeps)).toBe(`a line on descriptor 3   ${reason}`);
	});
});
