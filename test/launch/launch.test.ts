import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
	Daemon,
	type DaemonOptions,
	PidFile,
	type StartupError,
	StartupTimeoutError,
	withDaemon,
} from '../../src/index.ts';
import type { DaemonProcess } from '../../src/launch/daemon-process.ts';
import { launch } from '../../src/launch/launch.ts';
import { silentLogger } from '../../src/logger.ts';
import { hasLibc, loadLibc } from '../../src/native/libc.mjs';
import { canSpawn } from '../../src/native/posix-spawn.mjs';
import { listProcesses, readCommandLine } from '../../src/process/table.ts';
import { MARKER_VARIABLE, makeMarker } from '../../src/survivors/marker.ts';
import { nextTurn } from '../../src/time/clock.ts';
import { runCaller } from '../support/callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone, ps } from '../support/processes.ts';

const shows = { startupCommand: [fixture('shows-its-process.sh')], lookFor: 'ready' };
/** What the daemon says about itself. */
const linesOf = (options: DaemonOptions) => withDaemon(options, ({ log }) => log.lines());
const causeOf = (run: Promise<unknown>) => run.catch((error: unknown) => (error as StartupError).cause);

/** Libc creates the launcher, or Node does. A caller of this size loads koffi at once. */
const ways = ['koffi', 'off'];

const isNativeHere = hasLibc() && canSpawn(loadLibc());

afterEach(() => void vi.unstubAllEnvs());

describe.each(ways)('the process, with WITHDAEMON_FFI=%s', way => {
	beforeEach(() => void vi.stubEnv('WITHDAEMON_FFI', way));

	test('is in the session of its launcher, without a terminal, and leads neither session nor group', async () => {
		await withDaemon(shows, ({ pid }) => {
			const [ppid, pgid, sid, tty] = ps(pid, 'ppid', 'pgid', 'sid', 'tty');
			expect(ppid).not.toBe(String(process.pid));
			expect(sid).toBe(ppid);
			expect(pgid).toBe(ppid);
			expect(sid).not.toBe(String(pid));
			expect(tty).toBe('?');
		});
	});

	test('belongs to init, or to its subreaper, after it was released', async () => {
		const folder = temporaryFolder();
		const files = [join(folder, 'daemon.pid'), join(folder, 'daemon.log')] as const;
		const released = await runCaller('releases.mjs', [...files, fixture('slow-to-start.sh')]);
		expect(released).toEqual({ output: '', errors: '', code: 0 });
		const pidFile = new PidFile(files[0]);
		const pid = pidFile.livingPid ?? 0;
		const [ppid = '', sid = ''] = ps(pid, 'ppid', 'sid');
		const isLauncherGone = isGone(Number(sid));
		pidFile.kill('SIGKILL');
		await expect.poll(() => isGone(pid)).toBe(true);
		// Init, or a process that adopts orphans (PR_SET_CHILD_SUBREAPER), but not the launcher, which is gone.
		expect(ppid).not.toBe(sid);
		expect(isLauncherGone).toBe(true);
	});

	test('ignores and blocks no signal', async () => {
		await withDaemon({ startupCommand: 'sleep 1000' }, ({ pid }) => {
			const status = readFileSync(`/proc/${pid}/status`, 'utf8');
			const masks = ['SigBlk', 'SigIgn', 'SigCgt'].map(name => new RegExp(`^${name}:\\s*0+$`, 'm').test(status));
			expect(masks).toEqual([true, true, true]);
		});
	});

	test('has stdin, stdout and stderr, and no other descriptor', async () => {
		await withDaemon({ startupCommand: 'sleep 1000' }, async ({ pid, log }) => {
			const folder = `/proc/${pid}/fd`;
			// The loader of the program may still have a library open.
			await expect
				.poll(() => readdirSync(folder).map(fd => [fd, readlinkSync(join(folder, fd))]))
				.toEqual([
					['0', '/dev/null'],
					['1', log.path],
					['2', log.path],
				]);
		});
	});

	test.each([
		['of one digit', '7'],
		['of two digits', '42'],
		['of three digits', '251'],
	])('gets no descriptor %s that the caller was started with', async (_, fd) => {
		const prefix = ['bash', '-c', `exec "$@" ${fd}</dev/zero 9>/dev/full`, 'bash'];
		const { output } = await runCaller('shows-descriptors.mjs', [], prefix);
		expect(JSON.parse(output)).toEqual({ '0': '/dev/null', '1': expect.any(String), '2': expect.any(String) });
	});
});

describe.skipIf(!isNativeHere)('a launcher that has ended with its daemon', () => {
	/** The daemon has been killed, and the event loop stands still until its launcher has reported that. */
	async function launchAndKill(untilHeard: boolean): Promise<DaemonProcess> {
		vi.stubEnv('WITHDAEMON_FFI', process.env['WITHDAEMON_FFI'] || 'koffi');
		const marker = makeMarker();
		const daemon = await launch(
			{
				...{ name: 'sleeper', argv: ['sleep', '1000'], cwd: '/', umask: undefined, output: 'null', marker },
				env: { [MARKER_VARIABLE]: marker },
			},
			new AbortController().signal,
		);
		process.kill(daemon.identity.pid, 'SIGKILL');
		if (untilHeard) await daemon.exited;
		for (let ms = 0; ms < 60_000 && !isGone(daemon.launcher ?? 0); ms += 1)
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
		return daemon;
	}

	test('is still heard when it is dismissed', async () => {
		const daemon = await launchAndKill(false);
		await daemon.dismiss();
		expect(await daemon.exited).toEqual({ code: null, signal: 'SIGKILL' });
	});

	test('is dismissed at once if it was heard', async () => {
		const daemon = await launchAndKill(true);
		let hasTurned = false;
		setImmediate(() => (hasTurned = true));
		await daemon.dismiss();
		expect(hasTurned).toBe(false);
	});
});

describe.each(ways)('options, with WITHDAEMON_FFI=%s', way => {
	beforeEach(() => void vi.stubEnv('WITHDAEMON_FFI', way));

	test("the working directory is the caller's by default, / with `nochdir: false`, any with `cwd`", async () => {
		const folder = temporaryFolder();
		expect(await linesOf(shows)).toContain(`cwd ${process.cwd()}`);
		expect(await linesOf({ ...shows, nochdir: false })).toContain('cwd /');
		expect(await linesOf({ ...shows, cwd: folder })).toContain(`cwd ${folder}`);
	});

	test("the umask is the caller's by default, or the one that is given", async () => {
		const inherited = process.umask().toString(8).padStart(4, '0');
		expect(await linesOf(shows)).toContain(`umask ${inherited}`);
		expect(await linesOf({ ...shows, umask: 0o027 })).toContain('umask 0027');
		expect(await linesOf({ ...shows, umask: 0 })).toContain('umask 0000');
	});

	test("the environment is the caller's, with additions and without what is undefined", async () => {
		vi.stubEnv('WITHDAEMON_TEST_REMOVED', 'yes');
		const lines = await linesOf({
			...shows,
			env: { ADDED: 'a b', WD_ENV_0: 'own', WITHDAEMON_TEST_REMOVED: undefined },
		});
		// A name under which variables travel, but the user's own.
		expect(lines).toContain('env WD_ENV_0=own');
		expect(lines).toContain('env ADDED=a b');
		expect(lines).toContain(`env WITHDAEMON_TEST_RUN=${process.env['WITHDAEMON_TEST_RUN']}`);
		expect(lines.filter(line => line.includes('REMOVED'))).toEqual([]);
	});

	test('variables with names that no shell accepts are passed on', async () => {
		const env = { 'spring.datasource.url': 'jdbc:x', 'npm_config_//host/:_auth': 'a "quoted" $word' };
		const startupCommand = [
			process.execPath,
			'-e',
			'console.log(JSON.stringify(process.env)); setInterval(() => {}, 1e6)',
		];
		const [line = '{}'] = await linesOf({ startupCommand, env, lookFor: '{' });
		expect(JSON.parse(line)).toMatchObject(env);
		expect(Object.keys(JSON.parse(line)).filter(name => name.startsWith('WD_ENV_'))).toEqual([]);
	});

	test('variables with odd names are passed on to a command with a `=` in its path', async () => {
		const command = join(temporaryFolder(), 'a=b');
		symlinkSync(process.execPath, command);
		const env = { 'a.b': 'c', PS4: 'x', '-i': 'y' };
		const startupCommand = [command, '-e', 'console.log(JSON.stringify(process.env)); setInterval(() => {}, 1e6)'];
		const [line = '{}'] = await linesOf({ startupCommand, env, lookFor: '{' });
		expect(JSON.parse(line)).toMatchObject(env);
	});

	test('every daemon gets a different marker', async () => {
		const markerOf = (lines: readonly string[]) => lines.find(line => line.startsWith('env WITHDAEMON_MARKER='));
		const [first, second] = [markerOf(await linesOf(shows)), markerOf(await linesOf(shows))];
		expect(first).toMatch(/=[0-9a-f]{16}$/);
		expect(second).not.toBe(first);
	});

	test("with `noclose` stdin, stdout and stderr are the caller's", async () => {
		await withDaemon({ startupCommand: 'sleep 1000', noclose: true }, ({ pid }) => {
			for (const fd of [0, 1, 2])
				expect(readlinkSync(`/proc/${pid}/fd/${fd}`)).toBe(readlinkSync(`/proc/${process.pid}/fd/${fd}`));
		});
	});

	test('the log is appended to', async () => {
		const logFile = join(temporaryFolder(), 'daemon.log');
		writeFileSync(logFile, 'from another day\n');
		await withDaemon({ ...shows, logFile }, ({ log }) => {
			expect(readFileSync(logFile, 'utf8')).toMatch(/^from another day\ncwd \//);
			expect(log.text()).toMatch(/^cwd \//);
		});
	});
});

describe('what cannot be launched', () => {
	const folder = () => temporaryFolder();

	test('a folder as command is EACCES', async () => {
		const path = folder();
		expect(await causeOf(linesOf({ startupCommand: [path] }))).toMatchObject({ code: 'EACCES', path });
	});

	test('a bare name that is found only without permission is EACCES', async () => {
		const path = folder();
		writeFileSync(join(path, 'forbidden'), '#!/bin/sh\n', { mode: 0o644 });
		const run = linesOf({ startupCommand: 'forbidden', env: { PATH: `${path}:/usr/bin` } });
		expect(await causeOf(run)).toMatchObject({ code: 'EACCES', path: join(path, 'forbidden') });
	});

	test('a log in a missing folder is ENOENT', async () => {
		const logFile = join(folder(), 'no', 'x.log');
		expect(await causeOf(linesOf({ ...shows, logFile }))).toMatchObject({ code: 'ENOENT' });
	});

	test('a log that became a symlink in a folder that others can write to is ELOOP', async () => {
		const path = folder();
		const daemon = new Daemon({
			name: 'x',
			pidFile: '/dev/null',
			logFile: join(path, 'x.log'),
			startupCommand: 'sleep 9',
		});
		symlinkSync(join(path, 'target'), join(path, 'x.log'));
		chmodSync(path, 0o777);
		expect(await causeOf(daemon.startup())).toMatchObject({ code: 'ELOOP' });
		expect(existsSync(join(path, 'target'))).toBe(false);
	});

	test('a named pipe that nobody reads is ENXIO as a log, and does not block', async () => {
		const logFile = join(folder(), 'pipe');
		spawnSync('mkfifo', [logFile]);
		const run = withDaemon({ startupCommand: 'sleep 1000', logFile }, () => expect.unreachable());
		expect(await causeOf(run)).toMatchObject({ code: 'ENXIO', path: logFile });
	});

	test('a script without a first line is run by sh, as execvp(3) does', async () => {
		const script = join(folder(), 'script');
		writeFileSync(script, 'echo ready\nexec sleep 1000\n');
		chmodSync(script, 0o755);
		expect(await linesOf({ startupCommand: [script], lookFor: 'ready' })).toEqual(['ready']);
	});
});

test('a daemon that started after the launch timed out is found and ended', async () => {
	const duration = `1000.${process.pid}`;
	const startupCommand = ['setsid', '--fork', 'sleep', duration];
	// Node waits right after it has told the launcher to go on. Then the launcher has reported, and the time is up too.
	const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
	const debug = (text: string) => {
		if (text.startsWith('About to fork')) queueMicrotask(wait);
	};
	const logger = { ...silentLogger, debug };
	// At the end of a turn, after which timers come first.
	await nextTurn();
	const daemon = new Daemon({ name: 'escapes', pidFile: '/dev/null', startupCommand, startupTimeout: 50, logger });
	const failure = daemon.startup().catch((error: unknown) => error);
	expect(await failure).toBeInstanceOf(StartupTimeoutError);
	// Fast enough to see even a process that is about to end.
	expect(listProcesses().filter(({ pid }) => readCommandLine(pid) === `sleep ${duration}`)).toEqual([]);
});
