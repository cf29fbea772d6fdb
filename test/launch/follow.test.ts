import { getEventListeners } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
	Daemon,
	DaemonExitedError,
	type DaemonOptions,
	type RunningDaemon,
	StartupError,
	StartupTimeoutError,
	withDaemon,
} from '../../src/index.ts';
import type { DaemonProcess } from '../../src/launch/daemon-process.ts';
import { Follower } from '../../src/launch/follow.ts';
import type { Log } from '../../src/log/log.ts';
import { wallClock } from '../../src/time/clock.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';
import { watchTraces } from '../support/traces.ts';
import { callLibc } from '../support/way-to-libc.ts';

/** Daemonizes itself as old daemons do: a new session, no environment, and its pid in a file. */
// A shell starts it in the background, so it ignores SIGINT.
const daemonizes = "env -i setsid sh -c 'echo $$ > {pidFile}; exec sleep 1000' & until [ -s {pidFile} ]; do :; done";
const forking = { name: 'x', startupCommand: daemonizes, forking: true, shutdownCommand: 'SIGTERM' } as const;

const pidIn = ({ pidFile }: RunningDaemon) => Number.parseInt(readFileSync(String(pidFile), 'latin1'), 10);

test('the daemon is the process in the PID file, and is gone afterwards', async () => {
	const { left } = watchTraces();
	const pid = await withDaemon(forking, async daemon => {
		expect(daemon.pid).toBe(pidIn(daemon));
		expect(daemon.isAlive()).toBe(true);
		expect(daemon.state).toBe('ready');
		expect(readFileSync(`/proc/${daemon.pid}/environ`, 'latin1')).not.toContain('WITHDAEMON');
		return daemon.pid;
	});
	expect(isGone(pid)).toBe(true);
	expect(left()).toEqual([]);
});

test('the death of a followed daemon ends the test, with an unknown exit status', async () => {
	const { left } = watchTraces();
	const run = withDaemon(forking, daemon => {
		process.kill(daemon.pid, 'SIGKILL');
		return new Promise<never>(() => {});
	});
	await expect(run).rejects.toThrow(DaemonExitedError);
	await expect(run).rejects.toThrow('x ended with an unknown exit status while it was in use');
	await expect(run).rejects.toThrow(/exit status +unknown, as with `forking` the daemon is no child of this library/);
	await expect(run).rejects.toMatchObject({ exit: { code: null, signal: null } });
	expect(left()).toEqual([]);
});

test('the log still belongs to a followed daemon after its command has exited', async () => {
	const logFile = join(temporaryFolder(), 'daemon.log');
	await withDaemon({ ...forking, logFile, ready: [() => true] }, async () => {
		const other = withDaemon({ startupCommand: 'sleep 1000', logFile }, () => expect.unreachable());
		await expect(other).rejects.toThrow('give each daemon its own log');
	});
});

test('a PID file that is written after the command has exited is waited for', async () => {
	const startupCommand = "setsid sh -c 'sleep 0.3; echo $$ > {pidFile}; exec sleep 1000' &";
	await withDaemon({ ...forking, startupCommand }, daemon => {
		expect(daemon.pid).toBe(pidIn(daemon));
	});
});

test('what a followed daemon leaves behind is found, although it went to another session', async () => {
	// What stays writes the file: before it has its own session, it would end with the daemon.
	const stays = '"echo \\$PPID > {pidFile}; exec sleep 1000"';
	const startupCommand = `setsid sh -c 'setsid sh -c ${stays} & exec sleep 1000' & until [ -s {pidFile} ]; do :; done`;
	const run = withDaemon({ ...forking, startupCommand }, () => {});
	await expect(run).rejects.toThrow(/survivor +\d+ .*sleep 1000 +found by its (?:environment|session)/);
});

test('the probes apply to the daemon, not to its command', async () => {
	const startupCommand =
		"setsid sh -c 'echo $$ > {pidFile}; sleep 0.1; echo ready; exec sleep 1000' & until [ -s {pidFile} ]; do :; done";
	await withDaemon({ ...forking, startupCommand, lookFor: /ready/ }, ({ log }) => {
		expect(log.lines()).toEqual(['ready']);
	});
});

test('a restart follows the next daemon', async () => {
	const { left } = watchTraces();
	await withDaemon(forking, async daemon => {
		const before = daemon.pid;
		await daemon.restart();
		expect(daemon.pid).not.toBe(before);
		expect(daemon.pid).toBe(pidIn(daemon));
		expect(isGone(before)).toBe(true);
	});
	expect(left()).toEqual([]);
});

test('hooks run in the process of the command', async () => {
	onTestFinished(callLibc());
	const startupCommand = ['sh', '-c', 'env -i sleep 1000 & echo $! > $0', '{pidFile}'];
	const beforeExec = {
		function: (path: string) => import('node:fs').then(fs => fs.writeFileSync(path, 'hooked')),
		args: ['{dir}/hook'],
	};
	await withDaemon({ ...forking, startupCommand, beforeExec }, daemon => {
		expect(readFileSync(join(daemon.dir, 'hook'), 'latin1')).toBe('hooked');
		expect(daemon.pid).toBe(pidIn(daemon));
	});
});

test('a `Daemon` follows the process, shuts it down, and removes a PID file that it has left', async () => {
	const pidFile = join(temporaryFolder(), 'x.pid');
	// The pid of a process that is gone: the file of an earlier daemon.
	writeFileSync(pidFile, '4194304\n');
	const daemon = new Daemon({ ...forking, pidFile });
	await daemon.startup();
	const { pid = 0 } = daemon;
	expect(readFileSync(pidFile, 'latin1')).toBe(`${pid}\n`);
	expect(new Daemon({ ...forking, pidFile }).isAlive()).toBe(true);
	await daemon.shutdown();
	expect(isGone(pid)).toBe(true);
	expect(daemon.state).toBe('stopped');
	expect(existsSync(pidFile)).toBe(false);
});

test('until a daemon is followed, nobody else can start it', async () => {
	const pidFile = join(temporaryFolder(), 'x.pid');
	const startupCommand = "setsid sh -c 'sleep 0.3; echo $$ > {pidFile}; exec sleep 1000' &";
	const [one, other] = [1, 2].map(() => new Daemon({ ...forking, startupCommand, pidFile }));
	await Promise.all([one?.startup(), other?.startup()]);
	expect(one?.pid).toBe(other?.pid);
	await one?.shutdown();
});

describe('an error says', () => {
	async function failureOf(
		options: Omit<Partial<DaemonOptions>, 'server' | 'startupCommand'> & { startupCommand: string },
	): Promise<Error> {
		const { left } = watchTraces();
		const run = withDaemon({ ...forking, ...options }, () => expect.unreachable());
		const error: unknown = await run.catch((reason: unknown) => reason);
		expect(left()).toEqual([]);
		return error as Error;
	}

	/** The message without what differs from run to run, and without the command. */
	const textOf = ({ message }: Error) =>
		message
			.replace(/\/\S+\.pid\b/g, '[pid file]')
			.replace(/(launched|after) \d+ ms/g, '$1 [n] ms')
			.replace(/^( +pid +)\d+/gm, '$1[pid]')
			.replace(/process \d+/g, 'process [pid]')
			.replace(/^ +(?:command|cwd|log|state|handles|ignores|survivor) .*\n?/gm, '');

	test('that the command failed', async () => {
		const error = await failureOf({ startupCommand: 'exit 3; : {pidFile}' });
		expect(error).toBeInstanceOf(StartupError);
		expect(error).toMatchObject({ exit: { code: 3, signal: null } });
		expect(textOf(error)).toMatchInlineSnapshot(`
			"x exited with code 3 before it was ready
			  waiting for  its PID file [pid file]   counts once its command has exited with 0
			  pid          [pid]   exited with code 3, launched [n] ms ago
			"
		`);
	});

	test('that there is neither a process nor a PID file', async () => {
		const error = await failureOf({ startupCommand: 'true {pidFile}' });
		expect(error).toBeInstanceOf(StartupError);
		expect(textOf(error)).toMatchInlineSnapshot(`
			"x exited with code 0 and left no process, so there is none to follow: its PID file [pid file] does not exist
			  waiting for  its PID file [pid file]   does not exist
			  pid          [pid]   exited with code 0, launched [n] ms ago
			"
		`);
	});

	test('that the process in the PID file is gone', async () => {
		const error = await failureOf({ startupCommand: 'echo $$ > {pidFile}' });
		expect(textOf(error)).toMatchInlineSnapshot(`
			"x exited with code 0 and left no process, so there is none to follow: its PID file [pid file] names process [pid], which does not run
			  waiting for  its PID file [pid file]   names process [pid], which does not run
			  pid          [pid]   exited with code 0, launched [n] ms ago
			"
		`);
	});

	test('that nobody wrote the PID file in time', async () => {
		const error = await failureOf({ startupCommand: 'setsid sleep 1000 & : {pidFile}', startupTimeout: 3000 });
		expect(error).toBeInstanceOf(StartupTimeoutError);
		expect(textOf(error)).toMatchInlineSnapshot(`
			"x was not ready within 3000 ms
			  waiting for  its PID file [pid file]   does not exist
			  pid          [pid]   exited with code 0, launched [n] ms ago
			"
		`);
	});

	test('that the PID file names a process that this start has not made', async () => {
		const startupCommand = `setsid sleep 1000 & echo ${process.pid} > {pidFile}`;
		const error = await failureOf({ startupCommand, startupTimeout: 3000 });
		expect(error).toBeInstanceOf(StartupTimeoutError);
		expect(textOf(error)).toMatch(
			/waiting for +its PID file \[pid file\] +names process \[pid\] \(.+\), which this start has not made/,
		);
	});

	test('that the command stays in the foreground', async () => {
		const error = await failureOf({ startupCommand: 'sleep 1000; : {pidFile}', startupTimeout: 3000 });
		expect(error).toBeInstanceOf(StartupTimeoutError);
		expect(textOf(error)).toMatch(
			/waiting for +its PID file \[pid file\] +its command has not exited yet: tell it to daemonize itself, or leave out `forking`\n/,
		);
	});

	test('that it logged nothing for too long', async () => {
		const error = await failureOf({ startupCommand: 'sleep 1000; : {pidFile}', inactivityTimeout: 300 });
		expect(error.message).toContain('x was not ready, and logged nothing for 300 ms');
	});

	test('that the daemon has ended before it was ready', async () => {
		// The probes are asked when the daemon is followed.
		const error = await failureOf({
			startupCommand: "setsid sh -c 'echo $$ > {pidFile}; exec sleep 1000' & until [ -s {pidFile} ]; do :; done",
			ready: ({ pid }) => process.kill(pid, 'SIGKILL') && new Promise<never>(() => {}),
		});
		expect(error.message).toContain('x ended with an unknown exit status before it was ready');
	});
});

test('nothing watches the log any more when the command has failed', async () => {
	const { signal } = new AbortController();
	const exited = Promise.resolve({ code: 1, signal: null });
	const command = { exited, uncaughtAt: () => undefined } as unknown as DaemonProcess;
	const log = { lastWrittenAt: wallClock } as Log;
	const followed = new Follower('/no/such/file', () => undefined).follow(command, signal, { log, ms: 60_000 });
	expect(await followed).toMatchObject({ kind: 'exited', exit: { code: 1 } });
	expect(getEventListeners(signal, 'abort')).toEqual([]);
});
