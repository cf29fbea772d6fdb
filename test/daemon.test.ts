import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
	type CoreOptions,
	Daemon,
	DaemonError,
	InvalidOptionError,
	LeakError,
	type Logger,
	PidFile,
	ShutdownCommandError,
	ShutdownTimeoutError,
	StartupError,
	StartupTimeoutError,
} from '../src/index.ts';
import { deferred } from '../src/time/deadline.ts';
import { fixture, temporaryFolder } from './support/fixtures.ts';
import { isGone } from './support/processes.ts';
import { onTestFinished } from './support/this-test.ts';
import { watchTraces } from './support/traces.ts';

/** A daemon in its own folder, which is torn down after the test whatever happens. */
function make(options: Partial<CoreOptions> = {}): Daemon {
	const folder = temporaryFolder();
	const startupCommand = [fixture('is-ready.sh')];
	const [pidFile, logFile] = [join(folder, 'daemon.pid'), join(folder, 'daemon.log')];
	const daemon = new Daemon({ name: 'x', startupCommand, pidFile, logFile, ...options });
	// Each test checks the end itself.
	onTestFinished(() => daemon[Symbol.asyncDispose]().catch(() => {}));
	return daemon;
}

function listening(): { logger: Logger; told: string[] } {
	const told: string[] = [];
	const tell = (message: string) => void told.push(message);
	return { logger: { debug: tell, info: tell, warn: tell, error: tell }, told };
}

describe('construction', () => {
	test('every option can be read as a property, with its default', () => {
		const daemon = new Daemon({ name: 'x', startupCommand: 'sleep 1', pidFile: '/dev/null' });
		expect(daemon).toMatchObject({
			name: 'x',
			startupCommand: 'sleep 1',
			server: 'sleep 1',
			pidFile: '/dev/null',
			timeout: 30_000,
			startupTimeout: 30_000,
			shutdownTimeout: 30_000,
			nochdir: false,
			noclose: false,
			cwd: '/',
			killMode: 'group',
			strict: true,
		});
		expect([daemon.logFile, daemon.lookFor, daemon.shutdownCommand, daemon.umask]).toEqual(Array(4).fill(undefined));
	});

	test('every option can be assigned, and takes effect at the next use', async () => {
		const folder = temporaryFolder();
		const daemon = make({ startupCommand: [fixture('ignores-signals.sh'), 'INT'], lookFor: 'ready' });
		daemon.logFile = join(folder, 'other.log');
		daemon.pidFile = join(folder, 'other.pid');
		await daemon.startup();
		expect([daemon.log.path, readFileSync(daemon.pidFile, 'utf8')]).toEqual([daemon.logFile, `${daemon.pid}\n`]);
		daemon.shutdownTimeout = 50;
		await expect(daemon.shutdown()).rejects.toThrow('x did not end within 50 ms of SIGINT');
		daemon.shutdownCommand = 'SIGTERM';
		daemon.timeout = 5000;
		expect([daemon.startupTimeout, daemon.shutdownTimeout]).toEqual([5000, 50]);
		await daemon.shutdown();
		expect(await daemon.exited).toEqual({ code: null, signal: 'SIGTERM' });
		daemon.server = 'sleep 1000';
		daemon.lookFor = undefined;
		expect([daemon.startupCommand, daemon.lookFor]).toEqual(['sleep 1000', undefined]);
	});

	test('a name, a time limit and a logger that are assigned reach a running daemon', async () => {
		const daemon = make({ lookFor: 'ready' });
		await daemon.startup();
		const { logger, told } = listening();
		Object.assign(daemon, { name: 'renamed', timeout: 20, logger });
		await expect(daemon.log.waitFor('never logged')).rejects.toThrow(
			/^renamed did not log "never logged" within 20 ms/,
		);
		daemon.timeout = 10_000;
		await daemon.shutdown();
		expect(told.at(-1)).toBe(`Deleting the PID file '${daemon.pidFile}'`);
	});

	test('the logger of a given PidFile is not replaced', () => {
		const pidFile = new PidFile(join(temporaryFolder(), 'x.pid'));
		const { logger } = pidFile;
		const daemon = make({ pidFile });
		daemon.logger = listening().logger;
		expect(pidFile.logger).toBe(logger);
	});

	test('ports cannot be assigned, because they are the numbers in use', () => {
		const daemon = make({ port: 7000 });
		for (const name of ['port', 'ports']) expect(() => Object.assign(daemon, { [name]: 7001 })).toThrow(TypeError);
		expect(daemon.port).toBe(7000);
	});

	test.each([
		['shutdownCommand', 5.5],
		['timeout', -1],
		['name', undefined],
		['logFile', undefined],
	])('an assigned %s that is %o is refused, and changes nothing', (name, value) => {
		const daemon = make({ lookFor: 'x' });
		const before = { ...daemon };
		expect(() => Object.assign(daemon, { [name]: value })).toThrow(InvalidOptionError);
		expect({ ...daemon }).toEqual(before);
	});

	test('a daemon that was not started is idle', async () => {
		const daemon = make();
		expect([daemon.state, daemon.pid, daemon.isAlive(), daemon.captures]).toEqual(['idle', undefined, false, {}]);
		await expect(daemon.exited).rejects.toThrow('x was not started');
	});
});

describe('startup()', () => {
	test('the bad example of Servolux::Daemon rejects with ENOENT as the cause', async () => {
		const daemon = new Daemon({
			name: 'Bad Example',
			pidFile: '/dev/null',
			startupCommand: '/usr/bin/no-command-by-this-name',
		});
		const error = await daemon.startup().catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(StartupError);
		expect(error).toBeInstanceOf(DaemonError);
		expect((error as StartupError).cause).toMatchObject({ code: 'ENOENT', path: '/usr/bin/no-command-by-this-name' });
		expect(daemon.state).toBe('failed');
	});

	test('writes the pid into the PID file, and shutdown() removes it', async () => {
		const daemon = make({ lookFor: 'ready' });
		expect(await daemon.startup()).toBe(daemon);
		const pidFile = String(daemon.pidFile);
		expect(readFileSync(pidFile, 'utf8')).toBe(`${daemon.pid}\n`);
		await daemon.shutdown();
		expect(existsSync(pidFile)).toBe(false);
	});

	test('without `lookFor`, a daemon is ready when its log changes', async () => {
		const daemon = make({ startupCommand: [fixture('slow-to-start.sh')] });
		await daemon.startup();
		expect(daemon.log.lines()).toEqual(['ready']);
	});

	test('without a log, a living daemon is ready', async () => {
		const folder = temporaryFolder();
		const daemon = new Daemon({ name: 'x', startupCommand: 'sleep 1000', pidFile: join(folder, 'x.pid') });
		await daemon.startup();
		expect([daemon.state, daemon.isAlive()]).toEqual(['ready', true]);
		await daemon.shutdown();
	});

	test('does nothing if the daemon runs already', async () => {
		const daemon = make({ lookFor: 'ready' });
		await daemon.startup();
		const { pid } = daemon;
		await daemon.startup();
		expect(daemon.pid).toBe(pid);
	});

	test('is one start, however often it is called at once', async () => {
		const daemon = make({ lookFor: 'ready' });
		await Promise.all([daemon.startup(), daemon.startup()]);
		expect(daemon.log.lines()).toHaveLength(1);
	});

	test('adopts the running process of its PID file, and can shut it down', async () => {
		const first = make({ lookFor: 'ready' });
		await first.startup();
		const second = make({ pidFile: first.pidFile });
		expect(second.isAlive()).toBe(true);
		await second.startup();
		expect([second.pid, second.state, second.isOver()]).toEqual([first.pid, 'ready', false]);
		await second.shutdown();
		expect([second.state, first.isAlive(), second.isOver()]).toEqual(['stopped', false, true]);
	});

	test('rejects at once when the daemon ends before it is ready', async () => {
		const daemon = make({ startupCommand: [fixture('exits-at-once.sh'), '3'], lookFor: 'ready' });
		await expect(daemon.startup()).rejects.toMatchObject({
			code: 'ERR_DAEMON_STARTUP',
			exit: { code: 3, signal: null },
		});
		expect([daemon.state, daemon.isAlive(), existsSync(String(daemon.pidFile))]).toEqual(['failed', false, false]);
	});

	test('gives up when the time is over, and leaves nothing', async () => {
		const daemon = make({ startupCommand: [fixture('never-ready.sh')], lookFor: 'ready', startupTimeout: 1000 });
		await expect(daemon.startup()).rejects.toThrow(StartupTimeoutError);
		expect([daemon.state, isGone(daemon.pid ?? 0)]).toEqual(['failed', true]);
	});

	test('gives up early when the log gets no new line', async () => {
		const options = { startupCommand: [fixture('never-ready.sh')], lookFor: 'ready', inactivityTimeout: 100 };
		const start = make(options).startup();
		await expect(start).rejects.toThrow(StartupTimeoutError);
		await expect(start).rejects.toThrow('x was not ready, and logged nothing for 100 ms');
	});

	test('does not take a dead daemon for ready, although its launcher cannot tell', async () => {
		const isAlive = "grep -qs '^State:.[^ZX]' /proc/$$/status";
		const script = `kill -s STOP $PPID; (while ${isAlive}; do :; done; echo ready) & exit 0`;
		const daemon = make({ startupCommand: ['sh', '-c', script], lookFor: 'ready' });
		const start = daemon.startup();
		// The shutdown lets the launcher go on, which may report the end before the evidence is gathered.
		const refused = expect(start).rejects.toThrow(
			/^x was stopped before it was ready\n[\s\S]* +pid +\d+ +(?:gone|exited with code 0)/,
		);
		// A busy machine may show the log before the pid has been heard.
		await expect.poll(() => daemon.pid).toBeDefined();
		await expect.poll(() => daemon.log.text()).toBe('ready\n');
		await daemon.shutdown();
		await refused;
	});

	test('is given up when the daemon is shut down meanwhile', async () => {
		const daemon = make({ startupCommand: [fixture('never-ready.sh')], lookFor: 'ready' });
		const start = daemon.startup();
		const refused = expect(start).rejects.toThrow('x was stopped before it was ready');
		await expect.poll(() => daemon.pid).toBeDefined();
		await daemon.shutdown();
		await refused;
		expect(isGone(daemon.pid ?? 0)).toBe(true);
	});

	test('can be cancelled before there is a process', async () => {
		const daemon = make();
		const refused = expect(daemon.startup()).rejects.toThrow('stopped before it was ready');
		await daemon[Symbol.asyncDispose]();
		await refused;
		expect(daemon.pid).toBeUndefined();
	});

	test('reports and tears down a failed start although its caller has no working directory any more', async () => {
		const gone = temporaryFolder();
		const before = process.cwd();
		process.chdir(gone);
		rmSync(gone, { recursive: true });
		onTestFinished(() => process.chdir(before));
		// In the folder of the caller, a relative argument would be looked for.
		const daemon = make({
			startupCommand: ['sh', '-c', 'exec sleep 1000', 'my.conf'],
			lookFor: 'x',
			startupTimeout: 1000,
		});
		await expect(daemon.startup()).rejects.toThrow(
			/^x was not ready within 1000 ms\n[\s\S]*command +sh -c 'exec sleep 1000' my\.conf\n/,
		);
		expect(isGone(daemon.pid ?? 0)).toBe(true);
	});

	test('works again after a failure and after an end', async () => {
		const flag = join(temporaryFolder(), 'flag');
		const startupCommand = ['sh', '-c', `[ -e ${flag} ] || exit 1; echo ready; exec sleep 1000`];
		const daemon = make({ startupCommand, lookFor: 'ready' });
		await expect(daemon.startup()).rejects.toThrow(StartupError);
		writeFileSync(flag, '');
		await daemon.startup();
		const first = daemon.pid;
		await daemon.restart();
		expect(daemon.pid).not.toBe(first);
		expect([isGone(first ?? 0), daemon.state]).toEqual([true, 'ready']);
	});
});

describe('life', () => {
	test('kill() sends the signal to the daemon and says so', async () => {
		const { logger, told } = listening();
		const daemon = make({ lookFor: 'ready', logger });
		await daemon.startup();
		expect(daemon.kill('TERM')).toBe(true);
		expect(await daemon.exited).toEqual({ code: null, signal: 'SIGTERM' });
		expect(told).toContain(`Killing PID ${daemon.pid} with SIGTERM`);
		expect(daemon.kill()).toBe(false);
	});

	test('kill() sends SIGINT by default, which ends a daemon that does not handle it', async () => {
		const daemon = make({ startupCommand: [fixture('slow-to-start.sh')], lookFor: 'ready' });
		await daemon.startup();
		expect(daemon.kill()).toBe(true);
		expect(await daemon.exited).toEqual({ code: null, signal: 'SIGINT' });
	});

	test.each(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGKILL', 'SIGABRT'] as const)(
		'an end by %s is no death if kill() has sent it',
		async signal => {
			const daemon = make({ startupCommand: [fixture('slow-to-start.sh')], lookFor: 'ready' });
			await daemon.startup();
			daemon.kill(signal);
			expect(await daemon.exited).toEqual({ code: null, signal });
			expect([daemon.state, daemon.signal.aborted]).toEqual(['stopped', false]);
		},
	);

	test('an end counts as requested by kill() for `shutdownTimeout`, and as a death after that', async () => {
		const slow = { startupCommand: [fixture('slow-to-stop.mjs'), '200'], lookFor: 'ready' };
		const [patient, hasty] = [make(slow), make({ ...slow, shutdownTimeout: 1 })];
		await Promise.all([patient, hasty].map(daemon => daemon.startup()));
		for (const daemon of [patient, hasty]) daemon.kill('SIGTERM');
		expect((await Promise.all([patient, hasty].map(daemon => daemon.exited))).map(({ code }) => code)).toEqual([0, 0]);
		expect([patient.state, patient.signal.aborted]).toEqual(['stopped', false]);
		expect(hasty.state).toBe('failed');
		expect(hasty.signal.reason).toMatchObject({ code: 'ERR_DAEMON_EXITED', exit: { code: 0 } });
	});

	test('a death that nobody asked for aborts the signal and fails the daemon', async () => {
		const daemon = make({ lookFor: 'ready' });
		await daemon.startup();
		process.kill(daemon.pid ?? 0, 'SIGKILL');
		expect(await daemon.exited).toEqual({ code: null, signal: 'SIGKILL' });
		expect(daemon.state).toBe('failed');
		expect(daemon.signal.reason).toMatchObject({ code: 'ERR_DAEMON_EXITED', exit: { signal: 'SIGKILL' } });
	});
});

describe('expectExit()', () => {
	test('stops an end from being a death, and resolves with the exit status', async () => {
		const daemon = make({ lookFor: 'ready' });
		await daemon.startup();
		const exit = daemon.expectExit();
		process.kill(daemon.pid ?? 0, 'SIGKILL');
		expect(await exit).toEqual({ code: null, signal: 'SIGKILL' });
		expect([daemon.state, daemon.signal.aborted]).toEqual(['stopped', false]);
		await daemon[Symbol.asyncDispose]();
	});

	test('does not cancel an earlier death, and holds for one run', async () => {
		const daemon = make({ lookFor: 'ready' });
		await expect(daemon.expectExit()).rejects.toThrow('x was not started');
		await daemon.startup();
		process.kill(daemon.pid ?? 0, 'SIGKILL');
		await daemon.exited;
		await expect(daemon.expectExit()).rejects.toMatchObject({ code: 'ERR_DAEMON_EXITED' });
		await daemon.startup();
		const exit = daemon.expectExit();
		await daemon.restart();
		expect((await exit).signal).toBe('SIGINT');
		process.kill(daemon.pid ?? 0, 'SIGKILL');
		await daemon.exited;
		expect(daemon.state).toBe('failed');
	});
});

test('SIGKILL as shutdown command ends the group, but the launcher lives to tell', async () => {
	const startupCommand = [fixture('forks-children.sh')];
	const daemon = make({ startupCommand, lookFor: 'ready', shutdownCommand: 'SIGKILL' });
	await daemon.startup();
	await daemon[Symbol.asyncDispose]();
	expect(await daemon.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

describe('several operations', () => {
	const slow = { startupCommand: [fixture('slow-to-stop.mjs'), '100'], lookFor: 'ready' };

	test('a start that is requested during a shutdown comes after it', async () => {
		const daemon = make(slow);
		await daemon.startup();
		const first = daemon.pid ?? 0;
		const shutdown = daemon.shutdown();
		await daemon.startup();
		await shutdown;
		expect([daemon.state, daemon.isAlive(), daemon.pid === first, isGone(first)]).toEqual(['ready', true, false, true]);
	});

	test('two restarts at once both succeed, one after the other', async () => {
		const daemon = make(slow);
		await daemon.startup();
		const { pid } = daemon;
		await Promise.all([daemon.restart(), daemon.restart()]);
		expect([daemon.state, daemon.isAlive(), daemon.pid === pid]).toEqual(['ready', true, false]);
		expect(daemon.log.lines()).toEqual(['ready']);
	});

	test('a restart ends a start that is under way, and another restart waits for it', async () => {
		const flag = join(temporaryFolder(), 'flag');
		const script = `[ -e ${flag} ] && echo ready; : > ${flag}; exec sleep 1000`;
		const daemon = make({ startupCommand: ['sh', '-c', script], lookFor: 'ready' });
		const refused = expect(daemon.startup()).rejects.toThrow('x was stopped before it was ready');
		await expect.poll(() => existsSync(flag)).toBe(true);
		await Promise.all([daemon.restart(), daemon.restart()]);
		await refused;
		expect(daemon.state).toBe('ready');
	});

	test('a teardown ends a restart that is under way', async () => {
		const daemon = make(slow);
		await daemon.startup();
		const refused = expect(daemon.restart()).rejects.toThrow('x was stopped before it was ready');
		await daemon[Symbol.asyncDispose]();
		await refused;
		expect([daemon.isAlive(), isGone(daemon.pid ?? 0)]).toEqual([false, true]);
	});

	test('a teardown does not ask a second time while a shutdown is under way', async () => {
		const asked: number[] = [];
		const { promise: isAsked, resolve } = deferred<void>();
		const shutdownCommand = ({ pid }: { readonly pid: number }) => resolve(void asked.push(pid));
		const daemon = make({ ...slow, shutdownCommand, shutdownTimeout: 100 });
		await daemon.startup();
		const refused = expect(daemon.shutdown()).rejects.toThrow(ShutdownTimeoutError);
		await isAsked;
		await expect(daemon[Symbol.asyncDispose]()).rejects.toThrow(/and was ended by SIG(?:TERM|KILL)/);
		await refused;
		expect(asked).toHaveLength(1);
	});

	test('survivors of an earlier run are found by the teardown of a later one', async () => {
		const daemon = make({ startupCommand: [fixture('forks-children.sh')], lookFor: /child (?<child>\d+)/ });
		await daemon.startup();
		const first = Number(daemon.captures['child']);
		await daemon.restart();
		const second = Number(daemon.captures['child']);
		expect(isGone(first)).toBe(false);
		const end = daemon[Symbol.asyncDispose]();
		await expect(end).rejects.toMatchObject({ survivors: [{ pid: first }, { pid: second }] });
		expect([first, second].map(isGone)).toEqual([true, true]);
	});
});

describe('shutdown()', () => {
	const stubborn = { startupCommand: [fixture('ignores-signals.sh'), 'INT'], lookFor: 'ready' };

	test('does nothing if the daemon does not run', async () => {
		const daemon = make();
		expect(await daemon.shutdown()).toBe(daemon);
		expect(daemon.state).toBe('idle');
	});

	test.each([
		['a signal name', 'SIGTERM'],
		['a short signal name', 'TERM' as NodeJS.Signals],
		['a signal number', 15],
		['a shell command', 'kill -s TERM "$(cat {pidFile})" && echo done'],
		['an argument vector', ['sh', '-c', 'kill -s TERM "$(cat "$0")"', '{pidFile}']],
		['a function', ({ pid }: { pid: number }) => process.kill(pid, 'SIGTERM')],
	])('asks by %s', async (_, shutdownCommand) => {
		const daemon = make({ ...stubborn, shutdownCommand });
		await daemon.startup();
		await daemon.shutdown();
		expect(await daemon.exited).toEqual({ code: null, signal: 'SIGTERM' });
	});

	test('runs a shutdown command that comes back only when the daemon is gone', async () => {
		const script = 'kill -s TERM "$0"; while kill -0 "$0" 2>/dev/null; do sleep 0.01; done';
		const shutdownCommand = `PID=$(cat {pidFile}); sh -c '${script}' $PID`;
		const daemon = make({ ...stubborn, shutdownCommand });
		await daemon.startup();
		await daemon.shutdown();
		expect(daemon.state).toBe('stopped');
	});

	test('resolves when the daemon ends, although the shutdown command failed or hung', async () => {
		// A command that fails is believed if the daemon has not ended a moment later.
		const untilGone = 'while kill -s 0 "$pid"; do sleep 0.01; done 2>/dev/null';
		for (const afterwards of [`${untilGone}; exit 1`, 'exec sleep 1000']) {
			const shutdownCommand = `pid=$(cat {pidFile}); kill -s TERM "$pid"; ${afterwards}`;
			const daemon = make({ ...stubborn, shutdownCommand });
			await daemon.startup();
			await daemon.shutdown();
			expect(daemon.state).toBe('stopped');
		}
	});

	test('rejects when the time is over, and leaves the daemon running', async () => {
		const daemon = make({ ...stubborn, shutdownTimeout: 50 });
		await daemon.startup();
		await expect(daemon.shutdown()).rejects.toThrow(ShutdownTimeoutError);
		expect([daemon.isAlive(), daemon.state]).toEqual([true, 'ready']);
	});

	test.each([
		[
			'does not exist',
			['/no/such/command'],
			/could not be asked to end: its shutdownCommand did not work: Command failed with ENOENT: .no.such.command/,
		],
		['fails', 'echo "cannot connect" >&2; exit 7', /failed with exit code 7.*\n +said +\| cannot connect/],
		[
			'throws',
			() => {
				throw new Error('not today');
			},
			/its shutdownCommand threw Error: not today/,
		],
	])('rejects at once when the shutdown command %s', async (_, shutdownCommand, message) => {
		const daemon = make({ ...stubborn, shutdownCommand });
		await daemon.startup();
		const end = daemon.shutdown();
		await expect(end).rejects.toThrow(ShutdownCommandError);
		await expect(end).rejects.toThrow(message);
		expect(daemon.isAlive()).toBe(true);
	});

	test('a shutdown command that hangs is ended when its time is over', async () => {
		const { left } = watchTraces();
		const daemon = make({ ...stubborn, shutdownCommand: ['sh', '-c', 'exec sleep 1001'], shutdownTimeout: 300 });
		await daemon.startup();
		await expect(daemon.shutdown()).rejects.toThrow(/did not end within 300 ms of `sh -c/);
		await expect.poll(() => left().filter(trace => trace.includes('sleep 1001'))).toEqual([]);
	});

	test('leaves the children of the daemon alone; the teardown ends them', async () => {
		const daemon = make({ startupCommand: [fixture('forks-children.sh')], lookFor: /child (?<child>\d+)/ });
		await daemon.startup();
		const child = Number(daemon.captures['child']);
		await daemon.shutdown();
		expect(isGone(child)).toBe(false);
		await expect(daemon[Symbol.asyncDispose]()).rejects.toThrow(LeakError);
		expect(isGone(child)).toBe(true);
	});
});

describe('teardown', () => {
	test('throws a death once, even one that nobody has noticed', async () => {
		const daemon = make({ lookFor: 'ready' });
		await daemon.startup();
		const { pid = 0 } = daemon;
		process.kill(pid, 'SIGKILL');
		while (!isGone(pid));
		const end = daemon[Symbol.asyncDispose]();
		await expect(end).rejects.toMatchObject({ code: 'ERR_DAEMON_EXITED', exit: { code: null, signal: 'SIGKILL' } });
		await daemon[Symbol.asyncDispose]();
	});

	test('asks only the daemon itself with `killMode: process`', async () => {
		const child = 'trap "echo child was asked; exit" USR1; echo ready; while :; do sleep 0.01; done';
		const script = `trap "exit 0" USR1; sh -c '${child}' & wait`;
		const logAfter = async (killMode: 'group' | 'process') => {
			const startupCommand = ['sh', '-c', script];
			const daemon = make({ startupCommand, lookFor: 'ready', killMode, shutdownCommand: 'SIGUSR1' });
			await daemon.startup();
			const [{ reason }] = (await Promise.allSettled([daemon[Symbol.asyncDispose]()])) as [{ reason?: unknown }];
			return [daemon.log.lines(), reason];
		};
		expect(await logAfter('process')).toEqual([['ready'], expect.any(LeakError)]);
		// The child uses its grace to log that it was asked.
		expect(await logAfter('group')).toEqual([expect.arrayContaining(['child was asked']), undefined]);
	});

	test('lets the daemon explain itself by its diagnostic signal before force', async () => {
		const script = 'trap "" INT; trap "echo stuck in the flush" QUIT; sleep 1000 & echo ready; while :; do wait; done';
		const options = { startupCommand: ['sh', '-c', script], lookFor: 'ready', shutdownTimeout: 50 };
		const daemon = make({ ...options, diagnosticSignal: 'SIGQUIT' });
		await daemon.startup();
		const end = daemon[Symbol.asyncDispose]();
		await expect(end).rejects.toThrow(/log +\| ready\n +\| stuck in the flush/);
	});

	test('a daemon that writes without end is torn down', async () => {
		const script = 'echo ready; while :; do echo more; done';
		const daemon = make({ startupCommand: ['sh', '-c', script], lookFor: 'ready' });
		await daemon.startup();
		await daemon[Symbol.asyncDispose]();
		expect(daemon.state).toBe('stopped');
	});
});
