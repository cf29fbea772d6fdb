import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
	Daemon,
	DaemonExitedError,
	LeakError,
	type RunningDaemon,
	ShutdownCommandError,
	ShutdownTimeoutError,
	StartupError,
	StartupTimeoutError,
	startDaemon,
	withDaemon,
} from '../../src/index.ts';
import { fixture } from '../support/fixtures.ts';
import { isGone, ps } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';
import { watchTraces } from '../support/traces.ts';

const unreached = () => expect.unreachable();
const nothing = () => {};
const never = () => new Promise<never>(() => {});
const failureOf = (run: Promise<unknown>): Promise<unknown> => run.then(unreached, (reason: unknown) => reason);

const steady = { startupCommand: [fixture('shows-its-process.sh')], lookFor: 'ready' };
const stubborn = {
	startupCommand: [fixture('ignores-signals.sh'), 'INT'],
	shutdownCommand: 'SIGINT',
	lookFor: 'ready',
};

test('a daemon that ignores SIGINT is ended by SIGTERM, and the teardown throws', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ ...stubborn, shutdownTimeout: 50 }, nothing);
	await expect(run).rejects.toThrow(ShutdownTimeoutError);
	await expect(run).rejects.toThrow(
		/did not end within 50 ms of SIGINT, and was ended by SIGTERM\n[\s\S]*ignores +SIGINT\n/,
	);
	expect(left()).toEqual([]);
});

test('a daemon that blocks or ignores the signal is reported with a signal that it handles', async () => {
	const { left } = watchTraces();
	const script = "trap '' TERM; trap 'exit 0' INT; echo ready; while :; do sleep 0.1; done";
	const options = { name: 'x', lookFor: 'ready', shutdownCommand: 'SIGTERM', shutdownTimeout: 50 } as const;
	const blocking = ['env', '--block-signal=TERM', 'sh', '-c', 'echo ready; exec sleep 1000'];
	const [ignores, blocks] = await Promise.all([
		failureOf(withDaemon({ ...options, startupCommand: ['sh', '-c', script] }, nothing)),
		failureOf(withDaemon({ ...options, startupCommand: blocking }, nothing)),
	]);
	expect(String(ignores)).toContain(
		"hint         it ignores SIGTERM, but handles SIGINT: give `shutdownCommand: 'SIGINT'`\n",
	);
	expect(String(blocks)).toMatch(/hint {9}it blocks SIGTERM\n[\s\S]* blocks +SIGTERM\n/);
	expect(left()).toEqual([]);
});

test('a daemon that ignores SIGTERM too is ended by SIGKILL, and the teardown throws', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('ignores-signals.sh'), 'INT', 'TERM', 'HUP', 'QUIT'];
	const daemon = await startDaemon({ startupCommand, lookFor: 'ready', shutdownTimeout: 50 });
	const end = daemon[Symbol.asyncDispose]();
	await expect(end).rejects.toThrow(ShutdownTimeoutError);
	await expect(end).rejects.toThrow('did not end within 50 ms of SIGTERM, and was ended by SIGKILL');
	expect(await daemon.exited).toEqual({ code: null, signal: 'SIGKILL' });
	expect(left()).toEqual([]);
});

test('a daemon that is stopped is continued, and ends normally', async () => {
	const { left } = watchTraces();
	const daemon = await startDaemon(steady);
	daemon.kill('SIGSTOP');
	await expect.poll(() => ps(daemon.pid, 'state')).toEqual(['T']);
	await daemon[Symbol.asyncDispose]();
	expect(await daemon.exited).toEqual({ code: null, signal: 'SIGTERM' });
	expect(left()).toEqual([]);
});

test('a daemon that stops itself before it is ready is reported with its state, and ended', async () => {
	const { left } = watchTraces();
	const options = { startupCommand: [fixture('stops-itself.sh')], lookFor: 'ready', startupTimeout: 3000 };
	const run = withDaemon(options, unreached);
	await expect(run).rejects.toThrow(StartupTimeoutError);
	await expect(run).rejects.toThrow(/was not ready within 3000 ms\n[\s\S]* state +T \(stopped\)/);
	expect(left()).toEqual([]);
});

test('a daemon that is slow to end gets its time, and the teardown succeeds', async () => {
	const { left } = watchTraces();
	const daemon = await startDaemon({ startupCommand: [fixture('slow-to-stop.mjs'), '200'], lookFor: 'ready' });
	await daemon[Symbol.asyncDispose]();
	expect(await daemon.exited).toEqual({ code: 0, signal: null });
	expect(left()).toEqual([]);
});

test('a daemon that exceeds its time to end is ended by force, and the teardown throws', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('slow-to-stop.mjs'), '60000'];
	const run = withDaemon({ startupCommand, lookFor: 'ready', shutdownTimeout: 50 }, nothing);
	await expect(run).rejects.toThrow(ShutdownTimeoutError);
	await expect(run).rejects.toThrow('did not end within 50 ms of SIGTERM, and was ended by SIGKILL');
	expect(left()).toEqual([]);
});

test('a child that a daemon leaves behind is ended, and named with its command', async () => {
	const { left } = watchTraces();
	let child = 0;
	const startupCommand = [fixture('forks-children.sh')];
	const options = { startupCommand, shutdownCommand: 'SIGINT', lookFor: /child (?<child>\d+)/ };
	const run = withDaemon(options, ({ captures }) => {
		child = Number(captures['child']);
		expect(isGone(child)).toBe(false);
	});
	await expect(run).rejects.toThrow(LeakError);
	await expect(run).rejects.toThrow(
		/^forks-children.sh left a process behind\n.* sleep 1000 +found by its process group, since/,
	);
	await expect(run).rejects.toMatchObject({ survivors: [{ pid: child, foundBy: 'process group' }] });
	expect(isGone(child)).toBe(true);
	expect(left()).toEqual([]);
});

test('a daemon that crashes while it is shut down makes the teardown throw once', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('dies-when-asked.sh'), 'kill -SEGV $$'];
	const daemon = await startDaemon({ startupCommand, lookFor: 'ready' });
	const end = daemon[Symbol.asyncDispose]();
	await expect(end).rejects.toThrow(DaemonExitedError);
	await expect(end).rejects.toThrow(
		/^dies-when-asked.sh was killed by SIGSEGV while it was shutting down\n[\s\S]*\| ready/,
	);
	await daemon[Symbol.asyncDispose]();
	const restarted = withDaemon({ startupCommand, lookFor: 'ready' }, async again => {
		await again.restart();
		process.kill(again.pid, 'SIGKILL');
		await again.exited;
	});
	await expect(restarted).rejects.toThrow(/was killed by SIGSEGV while it was shutting down/);
	expect(left()).toEqual([]);
});

test('an exit code that is not allowed makes the teardown throw, and an allowed one does not', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('dies-when-asked.sh'), 'exit 23'];
	await withDaemon({ startupCommand, lookFor: 'ready' }, nothing);
	await withDaemon({ startupCommand, lookFor: 'ready', successExitCodes: [0, 23] }, nothing);
	const run = withDaemon({ startupCommand, lookFor: 'ready', successExitCodes: [0, 1] }, nothing);
	await expect(run).rejects.toThrow(DaemonExitedError);
	await expect(run).rejects.toThrow(/exited with code 23 while it was shutting down\n +expected +exit code 0 or 1\n/);
	expect(left()).toEqual([]);
});

test('a server whose wrapper ends at once gets its time, and the teardown succeeds', async () => {
	const { left } = watchTraces();
	const startupCommand = `${fixture('slow-to-stop.mjs')} 600 & wait`;
	const daemon = await startDaemon({ startupCommand, lookFor: 'ready', shutdownCommand: 'SIGINT' });
	await daemon[Symbol.asyncDispose]();
	expect(await daemon.exited).toEqual({ code: null, signal: 'SIGINT' });
	expect(left()).toEqual([]);
});

test('a server that exceeds its time after its wrapper has ended is ended, and named', async () => {
	const { left } = watchTraces();
	const startupCommand = `${fixture('slow-to-stop.mjs')} 60000 & wait`;
	const options = { startupCommand, lookFor: 'ready', shutdownCommand: 'SIGINT', shutdownTimeout: 500 };
	const run = withDaemon(options, nothing);
	await expect(run).rejects.toThrow(LeakError);
	await expect(run).rejects.toThrow(/left a process behind\n.*slow-to-stop.mjs 60000 .* ended by SIGKILL$/);
	expect(left()).toEqual([]);
});

test('a survivor with a huge command line full of escape sequences is shown short and without them', async () => {
	const { left } = watchTraces();
	const argument = `\u001B[2J${'x'.repeat(100_000)}`;
	const startupCommand = [
		'sh',
		'-c',
		"trap 'exit 0' INT TERM; sh -c 'echo ready; sleep 1000; :' \"$1\" & wait",
		'x',
		argument,
	];
	const error = (await failureOf(
		withDaemon({ startupCommand, lookFor: 'ready', killMode: 'process' }, nothing),
	)) as Error;
	expect(error).toBeInstanceOf(LeakError);
	expect(error.message).toMatch(/sleep 1000; : �\[2Jx+ … and \d+ characters more {3}found by/);
	expect(error.message.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
	expect(left()).toEqual([]);
});

test('a child with threads counts as one process and is signalled once', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('forks-a-threaded-child.sh')];
	// The signal goes to the daemon alone, so that the child does not end together with it.
	const run = withDaemon({ startupCommand, lookFor: 'with threads', killMode: 'process' }, nothing);
	await expect(run).rejects.toThrow(LeakError);
	await expect(run).rejects.toThrow(/^forks-a-threaded-child.sh left a process behind\n.* node -e [^\n]+SIGTERM$/);
	expect(left()).toEqual([]);
});

test('children that ignore signals are ended by SIGKILL, each of them', async () => {
	const { left } = watchTraces();
	const options = { startupCommand: [fixture('forks-deaf-children.sh')], lookFor: 'child is there' };
	const run = withDaemon(options, ({ log }) => expect.poll(() => log.lines()).toHaveLength(2));
	await expect(run).rejects.toThrow(LeakError);
	await expect(run).rejects.toThrow(/^forks-deaf-children.sh left 2 processes behind(\n.* ended by SIGKILL){2}$/);
	expect(left()).toEqual([]);
});

test('children that fork when they are ended are ended together with those that they fork', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('forks-heirs.sh')];
	const run = withDaemon({ startupCommand, shutdownCommand: 'SIGINT', lookFor: 'an heir is there' }, nothing);
	await expect(run).rejects.toThrow(LeakError);
	await expect(run).rejects.toThrow(
		/^forks-heirs.sh left \d processes behind\n.* ended by SIGTERM[\s\S]* ended by SIGKILL/,
	);
	expect(left()).toEqual([]);
});

test('an orphan that double-forked and left its session is found by its environment, and ended', async () => {
	const { left } = watchTraces();
	const startedAfter = Date.now() - 1000;
	let escaped = 0;
	const options = { startupCommand: [fixture('escapes.mjs')], lookFor: /escaped (?<escaped>\d+)/ };
	const run = withDaemon(options, async ({ captures, pid }) => {
		escaped = Number(captures['escaped']);
		const [ppid, pgid, sid] = ps(pid, 'ppid', 'pgid', 'sid');
		await expect.poll(() => ps(escaped, 'ppid')).not.toEqual([ppid]);
		expect(ps(escaped, 'pgid', 'sid')).not.toEqual([pgid, sid]);
		await expect.poll(() => ps(escaped, 'args')).toEqual(['sleep 1000']);
	});
	const error = await failureOf(run);
	expect(error).toBeInstanceOf(LeakError);
	const [survivor, ...others] = (error as LeakError).survivors;
	expect([survivor, others]).toMatchObject([{ pid: escaped, command: 'sleep 1000', foundBy: 'environment' }, []]);
	expect(Number(survivor?.startedAt)).toBeGreaterThan(startedAfter);
	expect((error as LeakError).message).toContain(`${escaped}   sleep 1000   found by its environment, since `);
	expect(isGone(escaped)).toBe(true);
	expect(left()).toEqual([]);
});

test('an orphan that also cleared its environment is found by its resource limit, and ended', async () => {
	const { left } = watchTraces();
	const options = { startupCommand: [fixture('clears-its-environment.mjs')], lookFor: /escaped (?<escaped>\d+)/ };
	let escaped = 0;
	const run = withDaemon(options, async ({ captures, pid }) => {
		escaped = Number(captures['escaped']);
		const [ppid, pgid, sid] = ps(pid, 'ppid', 'pgid', 'sid');
		await expect.poll(() => ps(escaped, 'ppid')).not.toEqual([ppid]);
		expect(ps(escaped, 'pgid', 'sid')).not.toEqual([pgid, sid]);
		expect(readFileSync(`/proc/${escaped}/environ`, 'latin1')).not.toContain('WITHDAEMON');
	});
	await expect(run).rejects.toThrow(LeakError);
	await expect(run).rejects.toMatchObject({ survivors: [{ pid: escaped, foundBy: 'resource limit' }] });
	expect(isGone(escaped)).toBe(true);
	expect(left()).toEqual([]);
});

test('a program that daemonizes itself is ended, wherever it went', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('daemonizes-itself.mjs')];
	const run = withDaemon({ startupCommand, lookFor: 'ready' }, unreached);
	const error = (await failureOf(run)) as StartupError;
	expect(error).toBeInstanceOf(StartupError);
	expect(error.message).toMatch(
		/exited with code 0 before it was ready\n[\s\S]* \/bin\/sleep 1000 +found by its resource limit/,
	);
	const [, survivor = ''] = /survivor +(\d+)/.exec(error.message) ?? [];
	expect(isGone(Number(survivor))).toBe(true);
	expect(left()).toEqual([]);
});

test('a shutdown command that fails is reported with its output, and the daemon is ended by force', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ ...stubborn, shutdownCommand: 'echo "cannot connect" >&2; exit 7' }, nothing);
	await expect(run).rejects.toThrow(ShutdownCommandError);
	await expect(run).rejects.toThrow(
		/failed with exit code 7: .*, and was ended by SIGTERM\n +said +\| cannot connect\n/,
	);
	expect(left()).toEqual([]);
});

test('a shutdown command that hangs is ended when its time is over, and the daemon is ended by force', async () => {
	const { left } = watchTraces();
	const shutdownCommand = [fixture('ignores-signals.sh'), 'TERM'];
	const run = withDaemon({ ...steady, shutdownCommand, shutdownTimeout: 300 }, nothing);
	await expect(run).rejects.toThrow(ShutdownTimeoutError);
	await expect(run).rejects.toThrow(
		/did not end within 300 ms of `\S+ignores-signals.sh TERM`, and was ended by SIGTERM/,
	);
	expect(left()).toEqual([]);
});

test('a child that a shutdown command waits for when its time is over is ended with it', async () => {
	const { folder, left } = watchTraces();
	// SIGTERM ends the shell, and the child would stay. It must be ended even without a teardown.
	const shutdownCommand = 'sleep 1000; true';
	const options = { name: 'x', ...steady, shutdownCommand, shutdownTimeout: 300, logFile: join(folder, 'x.log') };
	const daemon = new Daemon({ ...options, pidFile: join(folder, 'x.pid') });
	await daemon.startup();
	await expect(daemon.shutdown()).rejects.toThrow(ShutdownTimeoutError);
	const isOther = (trace: string) => !trace.startsWith(`process ${daemon.pid}:`) && !trace.includes('withdaemon:x');
	expect(left().filter(trace => trace.startsWith('process ') && isOther(trace))).toEqual([]);
	await expect(daemon[Symbol.asyncDispose]()).rejects.toThrow(ShutdownTimeoutError);
	expect(left()).toEqual([join(folder, 'x.log')]);
});

test('a process that a shutdown command leaves is ended, and the error says that the command started it', async () => {
	const { left } = watchTraces();
	const shutdownCommand = `sleep 1001 >/dev/null 2>&1 & kill $(cat {pidFile})`;
	const run = withDaemon({ ...steady, shutdownCommand }, nothing);
	await expect(run).rejects.toThrow(LeakError);
	await expect(run).rejects.toThrow(
		/left a process behind\n.* sleep 1001 {3}found by its environment as started by the shutdownCommand, since/,
	);
	expect(left()).toEqual([]);
});

test('a shutdown command that is missing is named, and the daemon is ended by force', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ ...steady, shutdownCommand: '/no/such/command --now' }, nothing);
	await expect(run).rejects.toThrow(ShutdownCommandError);
	await expect(run).rejects.toThrow(
		/could not be asked to end: .*ENOENT: .*\/no\/such\/command.*, and was ended by SIGTERM/,
	);
	await expect(run).rejects.toMatchObject({ cause: { cause: { code: 'ENOENT' } } });
	expect(left()).toEqual([]);
});

test('a shutdown function that throws is reported, and the daemon is ended by force', async () => {
	const { left } = watchTraces();
	const reason = new Error('not today');
	const run = withDaemon({ ...steady, shutdownCommand: () => Promise.reject(reason) }, nothing);
	await expect(run).rejects.toThrow(ShutdownCommandError);
	await expect(run).rejects.toThrow('its shutdownCommand threw Error: not today, and was ended by SIGTERM');
	await expect(run).rejects.toMatchObject({ cause: { cause: reason } });
	expect(left()).toEqual([]);
});

test('a shutdown function that hangs gets no more than its time, and the daemon is ended by force', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ ...steady, shutdownCommand: never, shutdownTimeout: 50 }, nothing);
	await expect(run).rejects.toThrow(ShutdownTimeoutError);
	await expect(run).rejects.toThrow(
		'did not end within 50 ms of its shutdownCommand function, and was ended by SIGTERM',
	);
	expect(left()).toEqual([]);
});

test('the error of a function that throws reaches the test unwrapped', async () => {
	const { left } = watchTraces();
	const failure = new Error('the test failed');
	let pid = 0;
	const run = withDaemon(steady, daemon => {
		pid = daemon.pid;
		throw failure;
	});
	await expect(run).rejects.toBe(failure);
	expect(isGone(pid)).toBe(true);
	expect(left()).toEqual([]);
});

test('a function that hangs is abandoned as soon as its daemon dies, and its signal says why', async () => {
	const { left } = watchTraces();
	let reason: unknown;
	const run = withDaemon(steady, async ({ pid }, { signal }) => {
		signal.addEventListener('abort', () => (reason = signal.reason));
		process.kill(pid, 'SIGKILL');
		return await never();
	});
	const error = await failureOf(run);
	expect(error).toBeInstanceOf(DaemonExitedError);
	expect((error as Error).message).toMatch('shows-its-process.sh was killed by SIGKILL while it was in use\n');
	expect(reason).toBe(error);
	expect(left()).toEqual([]);
});

test('a function that fails after it was abandoned causes no unhandled rejection', async () => {
	const { left } = watchTraces();
	const unhandled: unknown[] = [];
	const note = (reason: unknown) => void unhandled.push(reason);
	process.prependListener('unhandledRejection', note);
	onTestFinished(() => process.off('unhandledRejection', note));
	let fail: () => void = nothing;
	const run = withDaemon(steady, ({ pid }) => {
		process.kill(pid, 'SIGKILL');
		return new Promise<never>((_, reject) => {
			fail = () => reject(new Error('socket hang up'));
		});
	});
	await expect(run).rejects.toThrow(DaemonExitedError);
	fail();
	await new Promise(setImmediate);
	expect(unhandled).toEqual([]);
	expect(left()).toEqual([]);
});

test('a daemon whose function never settles can be ended from outside', async () => {
	const { left } = watchTraces();
	let used: RunningDaemon | undefined;
	let settle: () => void = nothing;
	const run = withDaemon(steady, daemon => {
		used = daemon;
		return new Promise<void>(resolve => {
			settle = resolve;
		});
	});
	await expect.poll(() => used?.state).toBe('ready');
	await used?.[Symbol.asyncDispose]();
	expect(isGone(used?.pid ?? 0)).toBe(true);
	expect(left()).toEqual([]);
	settle();
	await run;
});

test('a teardown can be requested twice', async () => {
	const { left } = watchTraces();
	const daemon = await startDaemon(steady);
	await daemon[Symbol.asyncDispose]();
	await daemon[Symbol.asyncDispose]();
	expect([daemon.state, isGone(daemon.pid)]).toEqual(['stopped', true]);
	expect(left()).toEqual([]);
});

test('concurrent teardowns are one teardown, and its error is thrown once', async () => {
	const { left } = watchTraces();
	const daemon = await startDaemon({ ...stubborn, shutdownTimeout: 50 });
	const ends = await Promise.allSettled([daemon[Symbol.asyncDispose](), daemon[Symbol.asyncDispose]()]);
	expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
	expect(ends[0]).toMatchObject({ reason: { code: 'ERR_DAEMON_SHUTDOWN_TIMEOUT' } });
	expect(isGone(daemon.pid)).toBe(true);
	expect(left()).toEqual([]);
});

test('a teardown during the startup ends the start, and the error of the start says so', async () => {
	const { folder, left } = watchTraces();
	const [pidFile, logFile] = [join(folder, 'x.pid'), join(folder, 'x.log')];
	const options = { name: 'x', startupCommand: [fixture('never-ready.sh')], lookFor: 'ready', pidFile, logFile };
	const daemon = new Daemon(options);
	const start = daemon.startup();
	const refused = expect(start).rejects.toThrow('x was stopped before it was ready');
	await expect.poll(() => daemon.pid).toBeDefined();
	await daemon[Symbol.asyncDispose]();
	await refused;
	await expect(start).rejects.toThrow(StartupError);
	expect([daemon.isAlive(), isGone(daemon.pid ?? 0)]).toEqual([false, true]);
	// The log of a `Daemon` belongs to its user.
	expect(left()).toEqual([logFile]);
});

test('a teardown after a death that was noticed throws it once, and finds nothing to end', async () => {
	const { left } = watchTraces();
	const daemon = await startDaemon(steady);
	process.kill(daemon.pid, 'SIGKILL');
	expect(await daemon.exited).toEqual({ code: null, signal: 'SIGKILL' });
	await expect(daemon[Symbol.asyncDispose]()).rejects.toThrow(DaemonExitedError);
	await daemon[Symbol.asyncDispose]();
	expect([daemon.state, isGone(daemon.pid)]).toEqual(['failed', true]);
	expect(left()).toEqual([]);
});

test('a teardown after a death that nobody noticed throws it once, and finds nothing to end', async () => {
	const { left } = watchTraces();
	const daemon = await startDaemon(steady);
	process.kill(daemon.pid, 'SIGKILL');
	while (!isGone(daemon.pid));
	await expect(daemon[Symbol.asyncDispose]()).rejects.toThrow(DaemonExitedError);
	await daemon[Symbol.asyncDispose]();
	expect(daemon.isAlive()).toBe(false);
	expect(left()).toEqual([]);
});
