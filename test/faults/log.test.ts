import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DaemonExitedError, StartupError, StartupTimeoutError, startDaemon, withDaemon } from '../../src/index.ts';
import { runCaller } from '../support/callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { watchTraces } from '../support/traces.ts';

const unreached = () => expect.unreachable();
const never = () => new Promise<never>(() => {});

test('a pattern that is split over two writes is found, even without a newline after it', async () => {
	const { left } = watchTraces();
	const options = { startupCommand: [fixture('splits-its-ready-line.sh')], lookFor: /is (?<word>ready)/ };
	expect(await withDaemon(options, ({ captures }) => captures)).toEqual({ word: 'ready' });
	expect(left()).toEqual([]);
});

test('a number at the end of a line without a newline is read whole', async () => {
	const { left } = watchTraces();
	const options = { startupCommand: [fixture('prints-without-newline.sh')], lookFor: /port (?<port>\d+)/ };
	expect(await withDaemon(options, ({ captures }) => captures)).toEqual({ port: '4711' });
	expect(left()).toEqual([]);
});

test('a line of 1 MB is searched completely for a string, and at both ends by a RegExp', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('writes-a-long-line.sh')];
	const run = withDaemon({ startupCommand, lookFor: /^xxx+…x+ is ready$/ }, async ({ pid, log }) => {
		expect(await log.waitFor('x is ready')).toMatchObject({ line: `${'x'.repeat(1_000_000)} is ready` });
		process.kill(pid, 'SIGKILL');
		return await never();
	});
	await expect(run).rejects.toThrow(DaemonExitedError);
	await expect(run).rejects.toThrow(/\n +log +\| x{400} … and \d+ characters more$/);
	expect(left()).toEqual([]);
});

test('an expression that is slow on a long line does not delay the time limit', async () => {
	const { left } = watchTraces();
	const slow = /(?<host>\w+):(?<port>\d+) ready/;
	const options = { startupCommand: [fixture('writes-a-long-line.sh')], lookFor: / is ready$/ };
	await withDaemon(options, async ({ log }) => {
		await expect(log.waitFor(slow, { timeout: 1000 })).rejects.toThrow(
			/within 1000 ms\n.*1 line read, no match; of a line of 1000009 characters only 2048 at each end were matched\n/,
		);
	});
	expect(left()).toEqual([]);
});

test('a log that grows faster than it can be read does not delay the time limit', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('floods-without-end.sh')];
	const linesIn = (message: string) => Number(/(\d+) lines read, none matched/.exec(message)?.[1]);
	// For a pattern that looks ahead, each line is looked at by itself, which takes longer than the flood.
	const slow = /^(?=r)ready/;
	const run = withDaemon({ startupCommand, lookFor: slow, startupTimeout: 1000 }, unreached);
	const { message } = await run.catch((reason: unknown) => reason as StartupTimeoutError);
	expect(message).toMatch(/^floods-without-end.sh was not ready within 1000 ms\n/);
	// On a busy machine the flood may not have begun by then.
	expect(linesIn(message) || 0).toBeLessThan(80_000_000);
	await withDaemon({ startupCommand, lookFor: /^y/ }, async ({ log }) => {
		const error: unknown = await log.waitFor(slow, { timeout: 300 }).catch(reason => reason);
		expect(linesIn((error as Error).message) || 0).toBeLessThan(80_000_000);
	});
	expect(left()).toEqual([]);
});

test('binary output hides no line, and an error passes none of it on to a terminal', async () => {
	const { left } = watchTraces();
	const run = withDaemon({ startupCommand: [fixture('writes-binary.sh')], lookFor: 'ready' }, ({ pid }) => {
		process.kill(pid, 'SIGKILL');
		return never();
	});
	const { message } = await run.catch((reason: unknown) => reason as DaemonExitedError);
	expect(message).toMatch(/^writes-binary.sh was killed by SIGKILL while it was in use\n[\s\S]*\| .*ready\uFFFD\n/);
	expect(message).not.toMatch(/[^\P{Cc}\n]/u);
	expect(left()).toEqual([]);
});

test('1 GiB of log is searched with memory that does not grow', { timeout: 240_000 }, async () => {
	const { left } = watchTraces();
	const { output, errors, code } = await runCaller('flooded.mjs', [fixture('floods-its-log.sh')]);
	expect({ errors, code }).toEqual({ errors: '', code: 0 });
	const [when, growth] = output.split('\n');
	expect(when).toBe('at last');
	// How much garbage stays differs between versions of Node, but the log must not pile up in any.
	expect(Number(growth)).toBeLessThan(256);
	expect(left()).toEqual([]);
});

test('a log that the daemon rotated is followed into the new one', async () => {
	const { left } = watchTraces();
	const options = { startupCommand: [fixture('rotates-its-log.sh'), '{logFile}'], lookFor: 'ready' };
	expect(await withDaemon(options, ({ log }) => log.lines())).toEqual(['ready']);
	expect(left()).toEqual([]);
});

test('a log that the daemon truncated is read from its new beginning', async () => {
	const { left } = watchTraces();
	const options = { startupCommand: [fixture('truncates-its-log.sh'), '{logFile}'], lookFor: 'ready' };
	await withDaemon(options, async ({ log, pid }) => {
		const match = log.waitFor(/^empty (?<when>.*)/);
		process.kill(pid, 'SIGUSR1');
		expect((await match).groups).toEqual({ when: 'again' });
		expect(log.lines()).toEqual(['empty again']);
	});
	expect(left()).toEqual([]);
});

test('a log that the daemon rewrote with the same text is read from its beginning', async () => {
	const logFile = join(temporaryFolder(), 'daemon.log');
	const { left } = watchTraces();
	const startupCommand = [fixture('rewrites-its-log.sh'), '{logFile}'];
	for (const _run of [1, 2, 3]) {
		await withDaemon({ startupCommand, logFile, lookFor: /^ready$/ }, async ({ log }) => {
			expect(log.text()).toBe('ready\n');
			expect((await log.waitFor('ready')).line).toBe('ready');
			expect((await log.follow().next()).value).toBe('ready');
		});
	}
	expect(left()).toEqual([]);
});

test('a log of a living daemon is refused to another one, and the error names its owner', async () => {
	const folder = temporaryFolder();
	const { left } = watchTraces();
	const logFile = join(folder, 'daemon.log');
	symlinkSync(logFile, join(folder, 'link.log'));
	const first = {
		name: 'first',
		startupCommand: ['sh', '-c', 'echo ready; exec sleep 1000'],
		lookFor: 'ready',
		logFile,
	};
	const second = { ...first, name: 'second', logFile: join(folder, 'link.log'), startupCommand: 'sleep 1000' };
	await withDaemon(first, async daemon => {
		const run = withDaemon(second, unreached);
		await expect(run).rejects.toThrow(StartupError);
		const whose = `belongs to first, which process ${process.pid} started: give each daemon its own log`;
		await expect(run).rejects.toThrow(`second could not be started: its log ${second.logFile} ${whose}`);
		await daemon.restart();
		const { output } = await runCaller('shares-a-log.mjs', [logFile]);
		expect(output).toContain(`its log ${logFile} ${whose}`);
	});
	await withDaemon({ ...first, name: 'third' }, ({ log }) => expect(log.lines()).toEqual(['ready']));
	const dead = await startDaemon(first);
	dead.kill('SIGKILL');
	await dead.exited;
	await withDaemon(first, ({ log }) => expect(log.lines()).toEqual(['ready']));
	await dead[Symbol.asyncDispose]();
	expect(left()).toEqual([]);
});

test('a log that is assigned to the daemon of a helper is locked, and a change of it means ready', async () => {
	const folder = temporaryFolder();
	const { left } = watchTraces();
	const logFile = join(folder, 'daemon.log');
	const first = { name: 'first', startupCommand: ['sh', '-c', 'echo ready; exec sleep 1000'] };
	const daemon = await startDaemon(first);
	await daemon.shutdown();
	daemon.logFile = logFile;
	await daemon.startup();
	expect(daemon.log.lines()).toEqual(['ready']);
	const second = withDaemon({ ...first, name: 'second', logFile }, unreached);
	await expect(second).rejects.toThrow(`its log ${logFile} belongs to first`);
	await daemon.shutdown();
	// A daemon that never writes there is not ready.
	Object.assign(daemon, { startupCommand: 'sleep 1000', startupTimeout: 2000 });
	await expect(daemon.startup()).rejects.toThrow(StartupTimeoutError);
	await daemon[Symbol.asyncDispose]();
	expect(left()).toEqual([]);
});

test('a log that the daemon removed stays readable where it is open, and is empty elsewhere', async () => {
	const { left } = watchTraces();
	const options = { startupCommand: [fixture('removes-its-log.sh'), '{logFile}'], lookFor: 'ready' };
	const run = withDaemon(options, async ({ log, pid }) => {
		const match = log.waitFor(/after the (?<what>.*)/);
		process.kill(pid, 'SIGUSR1');
		await expect.poll(() => existsSync(log.path)).toBe(false);
		process.kill(pid, 'SIGUSR2');
		expect((await match).groups).toEqual({ what: 'removal' });
		expect(log.lines()).toEqual([]);
		process.kill(pid, 'SIGKILL');
		return await never();
	});
	await expect(run).rejects.toThrow(DaemonExitedError);
	await expect(run).rejects.toThrow(/was killed by SIGKILL while it was in use\n[\s\S]*\n +log +.*does not exist$/);
	expect(left()).toEqual([]);
});

test('a log in a folder that may not be written to is named, with its errno', async () => {
	const { left } = watchTraces();
	// No user can create a file there, not even root. Other runs of this test may be under way on this machine.
	const logFile = `/sys/kernel/daemon-${process.pid}.log`;
	const run = withDaemon({ startupCommand: [fixture('never-ready.sh')], logFile }, unreached);
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow(/^never-ready.sh could not be started: E\w+: .*'\/sys\/kernel\/daemon-\d+.log'\n/);
	// EROFS in many containers.
	await expect(run).rejects.toMatchObject({ cause: { code: expect.stringMatching(/^(EACCES|EPERM|EROFS)$/) } });
	expect(left()).toEqual([]);
});

/** A caller whose temporary folder is a disk of 64 KiB, which nobody else sees and which goes with it. */
const onSmallDisk = ['unshare', '-Urm', 'sh', '-c', 'mount -t tmpfs -o size=64k none "$TMPDIR" && exec "$@"', 'sh'];
const hasNamespaces = spawnSync('unshare', ['-Urm', 'true']).status === 0;

test.skipIf(!hasNamespaces)(
	'a disk that the log has filled does not prevent the teardown (with namespaces)',
	async () => {
		const { left } = watchTraces();
		const { output } = await runCaller('full-disk.mjs', ['by log', fixture('fills-its-disk.sh')], onSmallDisk);
		expect(JSON.parse(output)).toEqual({
			name: 'StartupError',
			message: expect.stringMatching(
				/^fills-its-disk.sh exited with code 28 before it was ready\n[\s\S]* hint +the disk of \S+ is full: it has no space left\n +log +\| 0123/,
			),
			left: [],
		});
		expect(left()).toEqual([]);
	},
);

test.skipIf(!hasNamespaces)(
	'a disk that is full before the start is reported, with its errno (with namespaces)',
	async () => {
		const { left } = watchTraces();
		const { output } = await runCaller('full-disk.mjs', ['before', fixture('never-ready.sh')], onSmallDisk);
		expect(JSON.parse(output)).toEqual({
			name: 'StartupError',
			code: 'ENOSPC',
			message: expect.stringMatching(
				/^daemon could not be started: cannot make a temporary folder in .*\n {2}cause +Error: ENOSPC/,
			),
			left: ['filler'],
		});
		expect(left()).toEqual([]);
	},
);
