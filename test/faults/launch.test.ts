import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import {
	alive,
	command,
	type Daemon,
	DaemonExitedError,
	type ExitStatus,
	LeakError,
	StartupError,
	StartupTimeoutError,
	startDaemon,
	withDaemon,
} from '../../src/index.ts';
import { runCaller } from '../support/callers.ts';
import { elfFile } from '../support/elf.ts';
import { firstWords } from '../support/first-words.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { freePort, listenOn } from '../support/ports.ts';
import { isGone, ps } from '../support/processes.ts';
import { project } from '../support/projects.ts';
import { onTestFinished } from '../support/this-test.ts';
import { watchTraces } from '../support/traces.ts';

const unreached = () => expect.unreachable();
const never = () => new Promise<never>(() => {});
const launcherOf = ({ pid = 0 }: Daemon) => Number(ps(pid, 'ppid')[0]);

test('a command that is missing is named, with its errno', async () => {
	const { folder, left } = watchTraces();
	const path = join(folder, 'no-such-command');
	const run = withDaemon({ startupCommand: [path] }, unreached);
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow(`no-such-command could not be started: ${path} does not exist (ENOENT)\n`);
	await expect(run).rejects.toMatchObject({ cause: { code: 'ENOENT', path } });
	expect(left()).toEqual([]);
});

test('a bare name that is not in PATH is named, with the PATH of the daemon', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ startupCommand: 'no-such-command', env: { PATH: '/usr/bin:/bin' } }, unreached);
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow(/no-such-command does not exist \(ENOENT\)\n[\s\S]*PATH +\/usr\/bin:\/bin$/);
	await expect(run).rejects.toMatchObject({ cause: { code: 'ENOENT', path: 'no-such-command' } });
	expect(left()).toEqual([]);
});

test('a command that may not be executed is named, with its errno', async () => {
	const { left } = watchTraces();
	const path = fixture('not-executable.sh');
	const run = withDaemon({ startupCommand: [path] }, unreached);
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow(`not-executable.sh could not be started: ${path} may not be executed (EACCES)`);
	await expect(run).rejects.toMatchObject({ cause: { code: 'EACCES', path } });
	expect(left()).toEqual([]);
});

test('a bad interpreter leads to exit code 127, a hint that names it, and a line in the log', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ startupCommand: [fixture('has-a-bad-interpreter.sh')] }, unreached);
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow('the interpreter /no/such/interpreter, which does not exist');
	await expect(run).rejects.toThrow(/log +\| withdaemon:has-a-bad-interpreter.sh: .*not found/);
	await expect(run).rejects.toMatchObject({ exit: { code: 127, signal: null } });
	expect(left()).toEqual([]);
});

test('a program whose loader is missing exits with code 127, and a hint names the loader', async () => {
	const { folder, left } = watchTraces();
	const file = join(folder, 'server');
	writeFileSync(file, elfFile('/lib/ld-none.so.1'), { mode: 0o755 });
	const run = withDaemon({ startupCommand: [file] }, unreached);
	await expect(run).rejects.toThrow(/^server exited with code 127 [\s\S]*its loader \/lib\/ld-none.so.1 does not: /);
	await expect(run).rejects.toMatchObject({ exit: { code: 127, signal: null } });
	expect(left()).toEqual([file]);
});

test("a port that only the daemon's log mentions is shown with the process that holds it", async () => {
	const { left } = watchTraces();
	const port = await freePort();
	await listenOn(port, '127.0.0.1');
	const run = withDaemon({ startupCommand: [fixture('listens.mjs'), String(port)], lookFor: /^ready/ }, unreached);
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow(new RegExp(`\n {2}port ${port} +${process.pid} \\(this process\\) .*127.0.0.1`));
	expect(left()).toEqual([]);
});

test('an environment or arguments that the system rejects as too large are reported by name and size', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('never-ready.sh')];
	const token = withDaemon({ startupCommand, env: { TOKEN: 'secret'.repeat(30_000) } }, unreached);
	await expect(token).rejects.toThrow(
		/its arguments, \d+ bytes, of which .* are more than the system accepts \(E2BIG\)\n/,
	);
	await expect(token).rejects.toThrow(/\n {2}largest +`env`: TOKEN {3}180007 bytes\n/);
	await expect(token).rejects.not.toThrow('secret');
	const long = withDaemon({ startupCommand: [...startupCommand, 'x'.repeat(140_000)] }, unreached);
	await expect(long).rejects.toThrow(/\n {2}largest +argument 1 of the command {3}140001 bytes\n/);
	const env = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`V${index}`, 'x'.repeat(100_000)]));
	const many = withDaemon({ startupCommand, env }, unreached);
	await expect(many).rejects.toThrow(/\n {2}largest +`env`: V\d+ {3}10000\d bytes\n/);
	expect(left()).toEqual([]);
});

test("Node's permission model does not prevent a start if it allows files and child processes", async () => {
	const { left } = watchTraces();
	const model = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
	const flags = `${model} --allow-fs-read=* --allow-fs-write=* --allow-child-process --no-warnings`;
	// Those of a way that was chosen have to be allowed, too.
	const unchosen = ['env', '--unset=WITHDAEMON_FFI'];
	const prefix = [...unchosen, `NODE_OPTIONS=${flags}`];
	const { output, errors } = await runCaller('says-error.mjs', [fixture('shows-its-process.sh')], prefix);
	expect([JSON.parse(output), errors]).toEqual([{ pid: expect.any(Number) }, '']);
	const blind = [
		...unchosen,
		`NODE_OPTIONS=${flags.replace('read=*', `read=${dirname(fixture(''))}/* --allow-fs-read=${process.env['WITHDAEMON_TEST_BUILD']}/*`)}`,
	];
	const refused = await runCaller('says-error.mjs', [fixture('shows-its-process.sh')], blind);
	expect(JSON.parse(refused.output)).toMatchObject({
		name: 'UnsupportedPlatformError',
		message: expect.stringContaining("Node's permission model hides it: add `--allow-fs-read=/proc/*` to Node's flags"),
	});
	expect(left()).toEqual([]);
});

test('a package for calls to libc that does not work here is done without, and reported where it is needed', async () => {
	const caller = `import { notified, withDaemon } from 'withdaemon';
		const daemon = { startupCommand: ['sh', '-c', 'echo ready; exec sleep 1000'], lookFor: 'ready' };
		for (let time = 1; time <= 2; time++) await withDaemon(daemon, ({ log }) => console.log(log.text().trim()));
		await withDaemon({ ...daemon, ready: notified() }, () => {}).catch(error => console.log(error.message));`;
	const cwd = project({ 'caller.mjs': caller }, ['koffi', '@koromix']);
	mkdirSync(join(cwd, 'node_modules/koffi'));
	// Not even an Error.
	writeFileSync(join(cwd, 'node_modules/koffi/index.js'), "console.log('loaded'); throw 'wrong ELF class'");
	const { folder, left } = watchTraces();
	const env = { ...process.env, TMPDIR: folder, WITHDAEMON_FFI: '' };
	const { stdout, stderr } = spawnSync(process.execPath, ['caller.mjs'], { cwd, env, encoding: 'utf8' });
	const failure = 'sh could not be started: the optional package koffi does not work here: wrong ELF class';
	const lines = stdout.split('\n');
	expect([lines.filter(line => line !== 'loaded').slice(0, 3), stderr]).toEqual([['ready', 'ready', failure], '']);
	// Once for the launchers, and once where it is needed.
	expect(lines.filter(line => line === 'loaded')).toHaveLength(2);
	// The caller's reaper removes the registry.
	await expect.poll(left).toEqual([]);
});

test('a working directory that is missing, or a file, is named, with its errno', async () => {
	const { left } = watchTraces();
	const file = fixture('never-ready.sh');
	for (const [cwd, code] of [
		['/no/such/folder', 'ENOENT'],
		[file, 'ENOTDIR'],
	] as const) {
		const run = withDaemon({ startupCommand: [file], cwd }, unreached);
		await expect(run).rejects.toThrow(StartupError);
		await expect(run).rejects.toThrow(new RegExp(`^never-ready.sh could not be started: .*${cwd}.*`));
		await expect(run).rejects.toMatchObject({ cause: { code, path: cwd } });
	}
	expect(left()).toEqual([]);
});

test.skipIf(process.getuid?.() === 0)(
	'a working directory that may not be entered is named, with its errno (not as root)',
	async () => {
		const { folder, left } = watchTraces();
		const cwd = join(folder, 'closed');
		mkdirSync(cwd, { mode: 0 });
		const run = withDaemon({ startupCommand: [fixture('never-ready.sh')], cwd }, unreached);
		await expect(run).rejects.toThrow(StartupError);
		await expect(run).rejects.toThrow(`its working directory ${cwd} may not be entered (EACCES)`);
		expect(left()).toEqual([cwd]);
	},
);

/** Starts the fixture that exits at once, and expects its exit and its last log line in the error. */
async function expectEnd(how: string, words: string, exit: ExitStatus): Promise<void> {
	const { left } = watchTraces();
	const startupCommand = [fixture('exits-at-once.sh'), how];
	// Longer than a test may take: a wait for a line that goes on after the exit would fail it.
	const run = withDaemon({ startupCommand, lookFor: 'ready', startupTimeout: 600_000 }, unreached);
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow(`exits-at-once.sh ${words} before it was ready`);
	await expect(run).rejects.toThrow(/log +\| cannot read \/etc\/app\.conf$/);
	await expect(run).rejects.toMatchObject({ exit });
	expect(left()).toEqual([]);
}

test('a daemon that exits at once with 0 ends the wait, with its last words', async () => {
	await expectEnd('0', 'exited with code 0', { code: 0, signal: null });
});

test('a daemon that exits at once with 3 ends the wait, with its last words', async () => {
	await expectEnd('3', 'exited with code 3', { code: 3, signal: null });
});

test('a command that is to daemonize itself, but leaves no process, is reported at once', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ startupCommand: 'true {pidFile}', forking: true }, unreached);
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow(/left no process, so there is none to follow: its PID file \S+ does not exist/);
	expect(left()).toEqual([]);
});

test('a daemon that is ended at once by a signal ends the wait, with its last words', async () => {
	await expectEnd('SIGSEGV', 'was killed by SIGSEGV', { code: null, signal: 'SIGSEGV' });
});

test('a daemon that exits at once does not count as ready when liveness is its only probe', async () => {
	const { left } = watchTraces();
	// Longer than the default: on a busy machine even this program lives for more than 50 ms.
	const run = withDaemon({ startupCommand: 'true', ready: alive({ forMs: 10_000 }) }, unreached);
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow(
		/exited with code 0 before it was ready\n.*10000 ms of life +it did not live that long/,
	);
	expect(left()).toEqual([]);
});

test('a daemon that is never ready is stopped when its time is over', async () => {
	const { left } = watchTraces();
	const options = { startupCommand: [fixture('never-ready.sh')], lookFor: /^ready/, startupTimeout: 3000 };
	const run = withDaemon(options, unreached);
	await expect(run).rejects.toThrow(StartupTimeoutError);
	await expect(run).rejects.toThrow(/was not ready within 3000 ms\n +waiting for +log line \/\^ready\/ +1 line read/);
	expect(left()).toEqual([]);
});

test('a daemon that dies while it logs that it is ready causes an error, before its use or in it', async () => {
	const { left } = watchTraces();
	const options = { startupCommand: [fixture('ready-with-its-last-breath.sh')], lookFor: 'ready' };
	const run = withDaemon(options, never);
	await expect(run).rejects.toThrow(/exited with code 4 (before it was ready|while it was in use)\n[\s\S]*\| ready$/);
	await expect(run).rejects.toMatchObject({ exit: { code: 4, signal: null } });
	expect(left()).toEqual([]);
});

test('a daemon that is ready, then dies, ends the test at once, although its function never settles', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ startupCommand: [fixture('ready-then-dies.sh')], lookFor: 'ready' }, ({ pid }) => {
		process.kill(pid, 'SIGUSR2');
		return never();
	});
	await expect(run).rejects.toThrow(DaemonExitedError);
	await expect(run).rejects.toThrow(/exited with code 4 while it was in use\n[\s\S]*\| out of memory$/);
	await expect(run).rejects.toMatchObject({ exit: { code: 4, signal: null } });
	expect(left()).toEqual([]);
});

test('a daemon that is killed during the test ends the test, and its children are ended too', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('forks-children.sh')];
	const options = { startupCommand, shutdownCommand: 'SIGINT', lookFor: /child (?<child>\d+)/ };
	let pids: number[] = [];
	const run = withDaemon(options, async ({ pid, captures }) => {
		pids = [pid, Number(captures['child'])];
		process.kill(pid, 'SIGKILL');
		return await never();
	});
	const error: unknown = await run.catch((reason: unknown) => reason);
	expect(error).toBeInstanceOf(AggregateError);
	expect((error as AggregateError).errors).toEqual([expect.any(DaemonExitedError), expect.any(LeakError)]);
	expect((error as Error).message).toMatch(/^DaemonExitedError: forks-children.sh was killed by SIGKILL while/);
	expect(pids.map(isGone)).toEqual([true, true]);
	expect(left()).toEqual([]);
});

test('a daemon that is killed in use makes its teardown throw once, even if nobody used it after that', async () => {
	const { left } = watchTraces();
	const daemon = await startDaemon({ startupCommand: [fixture('shows-its-process.sh')], lookFor: 'ready' });
	process.kill(daemon.pid, 'SIGKILL');
	// The kernel needs a moment, in which the daemon could still be asked to end.
	await expect.poll(() => isGone(daemon.pid)).toBe(true);
	const end = daemon[Symbol.asyncDispose]();
	await expect(end).rejects.toThrow(DaemonExitedError);
	await expect(end).rejects.toThrow(/^shows-its-process.sh was killed by SIGKILL while it was in use\n/);
	await daemon[Symbol.asyncDispose]();
	expect(left()).toEqual([]);
});

test('a death that precedes a shutdown is thrown by the teardown', async () => {
	const { left } = watchTraces();
	const daemon = await startDaemon({ startupCommand: [fixture('shows-its-process.sh')], lookFor: 'ready' });
	process.kill(daemon.pid, 'SIGKILL');
	await daemon.shutdown();
	expect(daemon.state).toBe('failed');
	await expect(daemon[Symbol.asyncDispose]()).rejects.toThrow(DaemonExitedError);
	expect(left()).toEqual([]);
});

test('a daemon that somebody kills while it is asked to end has died, unless its user has sent the signal', async () => {
	const { left } = watchTraces();
	const deaf = { startupCommand: [fixture('ignores-signals.sh'), 'TERM'], lookFor: 'ready' };
	const killed = await startDaemon(deaf);
	const ending = killed.shutdown();
	await expect.poll(() => killed.state).toBe('stopping');
	process.kill(killed.pid, 'SIGKILL');
	await ending;
	expect(killed.state).toBe('failed');
	await expect(killed[Symbol.asyncDispose]()).rejects.toThrow(DaemonExitedError);
	const own = await startDaemon(deaf);
	const shutdown = own.shutdown();
	await expect.poll(() => own.state).toBe('stopping');
	own.kill('SIGKILL');
	await shutdown;
	expect(own.state).toBe('stopped');
	await own[Symbol.asyncDispose]();
	expect(left()).toEqual([]);
});

test('a daemon that is expected to exit does not die, and its exit status is returned', async () => {
	const { left } = watchTraces();
	const status = await withDaemon({ startupCommand: [fixture('ready-then-dies.sh')], lookFor: 'ready' }, daemon => {
		const exit = daemon.expectExit();
		process.kill(daemon.pid, 'SIGUSR2');
		return exit;
	});
	expect(status).toEqual({ code: 4, signal: null });
	expect(left()).toEqual([]);
});

test('a daemon that kills its launcher at once and clears its environment is known by its resource limit', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('kills-its-launcher-and-clears-its-environment.sh')];
	// A race: the launcher is often gone before anybody has looked at the daemon.
	for (let time = 1; time <= 5; time += 1) {
		const daemon = await startDaemon({ startupCommand, lookFor: 'ready' });
		expect([daemon.isAlive(), daemon.state]).toEqual([true, 'ready']);
		await daemon[Symbol.asyncDispose]();
		expect(isGone(daemon.pid)).toBe(true);
	}
	expect(left()).toEqual([]);
});

test('a launcher that is killed does not take the daemon with it, which runs until it is stopped', async () => {
	const { left } = watchTraces();
	const daemon = await startDaemon({ startupCommand: [fixture('kills-its-launcher.sh')], lookFor: 'ready' });
	expect([daemon.isAlive(), daemon.state]).toEqual([true, 'ready']);
	await daemon[Symbol.asyncDispose]();
	expect([daemon.isAlive(), await daemon.exited]).toEqual([false, { code: null, signal: null }]);
	expect(isGone(daemon.pid)).toBe(true);
	expect(left()).toEqual([]);
});

test('a stdin that is open does not end with a launcher that is killed', async () => {
	const { left } = watchTraces();
	const ends = { startupCommand: [fixture('ends-with-its-stdin.sh')], lookFor: 'ready' };
	const daemon = await startDaemon({ ...ends, stdin: 'open' });
	const launcher = launcherOf(daemon);
	process.kill(launcher, 'SIGKILL');
	await expect.poll(() => isGone(launcher)).toBe(true);
	// In this time another daemon with a closed stdin has ended.
	await expect(startDaemon({ ...ends, lookFor: 'never' })).rejects.toThrow('exited with code 0');
	expect(daemon.isAlive()).toBe(true);
	await daemon[Symbol.asyncDispose]();
	expect(left()).toEqual([]);
});

test('a death is noticed although the launcher was killed, but with an unknown exit status', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ startupCommand: [fixture('kills-its-launcher.sh')], lookFor: 'ready' }, ({ pid }) => {
		process.kill(pid, 'SIGKILL');
		return never();
	});
	await expect(run).rejects.toThrow(DaemonExitedError);
	await expect(run).rejects.toThrow('kills-its-launcher.sh ended with an unknown exit status while it was in use');
	expect(left()).toEqual([]);
});

test('the children that a daemon leaves are found although the launcher was killed', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('forks-children.sh')];
	const options = { startupCommand, shutdownCommand: 'SIGINT', lookFor: /child (?<child>\d+)/ };
	const daemon = await startDaemon(options);
	const launcher = launcherOf(daemon);
	process.kill(launcher, 'SIGKILL');
	await expect.poll(() => isGone(launcher)).toBe(true);
	await expect(daemon[Symbol.asyncDispose]()).rejects.toThrow(LeakError);
	expect([daemon.pid, Number(daemon.captures['child'])].map(isGone)).toEqual([true, true]);
	expect(left()).toEqual([]);
});

const canTrace =
	spawnSync('sh', [
		'-c',
		'sleep 60 & "$@" $! </dev/null; code=$?; kill $!; exit $code',
		'sh',
		process.execPath,
		fixture('traces-a-process.mjs'),
	]).status === 0;

test.skipIf(!canTrace)(
	'a launcher that the kernel keeps for a debugger does not hold up the teardown (with ptrace)',
	async () => {
		const { left } = watchTraces();
		// A launcher that libc has created ends with its daemon, and then cannot be traced any more.
		vi.stubEnv('WITHDAEMON_FFI', 'off');
		onTestFinished(() => void vi.unstubAllEnvs());
		let launcher = 0;
		await withDaemon({ startupCommand: [fixture('shows-its-process.sh')], lookFor: 'ready' }, async daemon => {
			launcher = launcherOf(daemon);
			daemon.kill('SIGKILL');
			await daemon.exited;
			const tracer = spawn(process.execPath, [fixture('traces-a-process.mjs'), String(launcher)], {
				env: {},
			});
			const gone = once(tracer, 'exit');
			onTestFinished(async () => {
				tracer.stdin.end();
				await gone;
			});
			await firstWords(tracer);
		});
		expect([ps(launcher, 'state'), left()]).toEqual([['Z'], []]);
	},
);

/** A caller that can open 200 files; the module loader needs many, as it opens all imports of a module at once. */
const few = ['sh', '-c', 'ulimit -n 200 && exec "$@"', 'sh'];
type Outcomes = readonly {
	readonly outcome: string;
	readonly message: string;
	readonly left: readonly string[];
	readonly descriptors: number;
}[];

const hasNamespaces = spawnSync('unshare', ['-Urpfm', 'true']).status === 0;

const withoutProc = ['unshare', '-Urm', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];

test.skipIf(!hasNamespaces)(
	'a caller without /proc is refused before anything is started (with namespaces)',
	async () => {
		const { left } = watchTraces();
		const { output } = await runCaller('says-error.mjs', [fixture('never-ready.sh')], withoutProc);
		expect(JSON.parse(output)).toMatchObject({
			name: 'UnsupportedPlatformError',
			message: expect.stringMatching(
				/^daemon cannot be a daemon on Linux: withdaemon needs \/proc, but it is not mounted, .*`mount -t proc/,
			),
		});
		expect(left()).toEqual([]);
	},
);

test.skipIf(!hasNamespaces)(
	'a caller whose /proc is of another pid namespace is refused before anything is started (with namespaces)',
	async () => {
		const { left } = watchTraces();
		const { output } = await runCaller('says-error.mjs', [fixture('never-ready.sh')], ['unshare', '-Urpf']);
		expect(JSON.parse(output)).toMatchObject({
			name: 'UnsupportedPlatformError',
			message: expect.stringMatching(/ belongs to another pid namespace, where this process is \d+ and not 1: /),
		});
		expect(left()).toEqual([]);
	},
);

test('a name that is longer than a file name may be does not prevent a start', async () => {
	const { left } = watchTraces();
	const name = 'n'.repeat(300);
	await withDaemon({ startupCommand: [fixture('shows-its-process.sh')], lookFor: 'ready', name }, () => {});
	expect(left()).toEqual([]);
});

test('a caller that reaches its limit of descriptors cannot start a daemon, and the error says so', async () => {
	const { left } = watchTraces();
	const args = ['start', '12', fixture('shows-its-process.sh')];
	const noDescriptor =
		'shows-its-process.sh could not be started: its caller has no descriptor left, of those that `ulimit -n` allows (EMFILE)';
	// Libc creates the launcher, or Node does.
	for (const way of ['koffi', 'off']) {
		const result = await runCaller('short-of-descriptors.mjs', args, ['env', `WITHDAEMON_FFI=${way}`, ...few]);
		expect(result).toMatchObject({ errors: '', code: 0 });
		const outcomes: Outcomes = JSON.parse(result.output);
		expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['StartupError: EMFILE', 'fine']));
		expect(outcomes.at(-1)?.outcome).toBe('fine');
		expect(outcomes.flatMap(outcome => outcome.left)).toEqual([]);
		const messages = outcomes.map(({ message }) => message).filter(message => message !== '');
		expect(messages).toContain(noDescriptor);
		// A start that fails keeps none.
		expect(new Set(outcomes.map(({ descriptors }) => descriptors)).size).toBe(1);
	}
	expect(left()).toEqual([]);
});

test('a caller that never has the descriptors for its reaper or registry says so, and leaves nothing', async () => {
	const temporary = temporaryFolder();
	const firstOf = async (way: string, free: number) => {
		const prefix = ['env', `TMPDIR=${temporary}`, `WITHDAEMON_FFI=${way}`, ...few];
		const first = await runCaller(
			'short-of-descriptors.mjs',
			['first', `${free}`, fixture('shows-its-process.sh')],
			prefix,
		);
		return JSON.parse(first.output).at(-1);
	};
	const noReaper = { outcome: 'StartupError: EMFILE', message: 'daemon could not be started: cannot start the reaper' };
	expect(await firstOf('off', 2)).toMatchObject(noReaper);
	expect(await firstOf('koffi', 1)).toMatchObject(noReaper);
	// Libc needs fewer than Node, which leaves one to make a part of the way to the caller's folder.
	expect(await firstOf('koffi', 2)).toMatchObject({
		outcome: 'StartupError: EMFILE',
		message: expect.stringContaining('cannot write to the registry'),
	});
	await expect.poll(() => readdirSync(temporary)).toEqual([]);
});

test('a daemon is stopped by a caller that has no descriptor left', async () => {
	const { left } = watchTraces();
	const result = await runCaller('short-of-descriptors.mjs', ['stop', '3', fixture('shows-its-process.sh')], few);
	expect(result).toMatchObject({ errors: '', code: 0 });
	const outcomes: Outcomes = JSON.parse(result.output);
	expect(outcomes).toMatchObject([0, 1, 2, 3].map(free => ({ free, outcome: 'fine', left: [] })));
	expect(left()).toEqual([]);
});

test('a program that asks whether the daemon is ready may say more than fits into memory', async () => {
	const ready = command(['head', '-c', '110000000', '/dev/zero'], { timeout: 1e6 });
	await withDaemon({ startupCommand: ['sleep', '1000'], ready, startupTimeout: 1e6 }, () => {});
});

/** The limit does not hold for root. Node and the library may be where other users have no access. */
const stranger = process.getuid?.() === 0 ? ['setpriv', '--reuid=64997', '--clear-groups', 'env'] : ['env'];
const [become = '', ...becomeArguments] = stranger;
const library = process.env['WITHDAEMON_TEST_BUILD'];
const canLimit =
	// The folder in which the matrix installs this package is root's alone.
	process.env['WITHDAEMON_FFI'] !== 'ffi-napi' &&
	spawnSync(become, [...becomeArguments, process.execPath, '--check', `${library}/index.js`]).status === 0 &&
	spawnSync('prlimit', ['--version']).status === 0;

test.skipIf(!canLimit)(
	'a caller that may create no more processes is told of the limit, whatever needs one',
	async () => {
		const folder = temporaryFolder();
		chmodSync(folder, 0o1777);
		const run = (when: string) => runCaller('no-process-left.mjs', [when], [...stranger, `TMPDIR=${folder}`]);
		const why = 'its user has no process left, of those that `ulimit -u` (1) or the container allows (EAGAIN)\n';
		const [before, after] = await Promise.all([run('before'), run('after')]);
		expect(before).toMatchObject({ errors: '', output: expect.stringContaining(`cannot start the reaper: ${why}`) });
		expect(after).toMatchObject({ errors: '', output: expect.stringContaining(`x could not be started: ${why}`) });
	},
);
