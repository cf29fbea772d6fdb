import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
	AlreadyRunningError,
	Daemon,
	DaemonExitedError,
	LeakError,
	PidFile,
	type RunningDaemon,
	ShutdownTimeoutError,
	StartupError,
	startDaemon,
	withDaemon,
} from '../src/index.ts';
import { takeWarnings } from './setup/no-warnings.ts';
import { fixture, temporaryFolder } from './support/fixtures.ts';
import { isGone, ps } from './support/processes.ts';

const wellBehaved = { startupCommand: [fixture('well-behaved.mjs')], lookFor: /listening on port (?<port>\d+)/ };
const greet = (port: string | undefined) => text(connect(Number(port), '127.0.0.1'));
const temporaryFolders = () => readdirSync(tmpdir()).filter(name => name.startsWith('withdaemon-'));

describe('withDaemon()', () => {
	test('hands a ready daemon to the function, resolves with its result, and leaves nothing', async () => {
		let used: RunningDaemon | undefined;
		const greeting = await withDaemon(wellBehaved, async daemon => {
			used = daemon;
			expect(daemon.state).toBe('ready');
			expect(daemon.name).toBe('well-behaved.mjs');
			return await greet(daemon.captures['port']);
		});
		expect(greeting).toBe('hello\n');
		expect(used?.state).toBe('stopped');
		expect(isGone(used?.pid ?? 0)).toBe(true);
		expect(existsSync(used?.dir ?? '')).toBe(false);
		await expect(greet(used?.captures['port'])).rejects.toThrow('ECONNREFUSED');
	});

	test('keeps log and PID file in a private folder', async () => {
		await withDaemon(wellBehaved, ({ dir, log, pidFile }) => {
			expect(statSync(dir).mode & 0o777).toBe(0o700);
			expect(readdirSync(dir).sort()).toEqual(['well-behaved.mjs.log', 'well-behaved.mjs.pid']);
			expect(log.path).toBe(join(dir, 'well-behaved.mjs.log'));
			expect(pidFile).toBe(join(dir, 'well-behaved.mjs.pid'));
		});
	});

	test('fills {dir}, {pidFile} and {logFile} into the command, the environment and `cwd`', async () => {
		const options = {
			startupCommand: ['sh', '-c', 'echo "$0 $FILES $(pwd)"; exec sleep 1000', '{dir}'],
			cwd: '{dir}/..',
			env: { FILES: '{pidFile} {logFile} {other}' },
			lookFor: 'other',
		};
		await withDaemon(options, ({ dir, log }) => {
			expect(log.lines()).toEqual([`${dir} ${dir}/sh.pid ${dir}/sh.log {other} ${dirname(dir)}`]);
		});
	});

	test('keeps real time when the test fakes its own', async () => {
		vi.useFakeTimers({ now: new Date('2100-01-01') });
		onTestFinished(() => void vi.useRealTimers());
		const pidFile = join(temporaryFolder(), 'x.pid');
		await withDaemon({ ...wellBehaved, pidFile }, daemon => {
			expect(new PidFile(pidFile).isAlive()).toBe(true);
			expect(daemon.isAlive()).toBe(true);
		});
		const never = { startupCommand: [fixture('never-ready.sh')], lookFor: 'ready', startupTimeout: 100 };
		await expect(withDaemon(never, () => {})).rejects.toThrow('not ready within 100 ms');
	});

	test('rejects with the error of the function, and stops the daemon', async () => {
		const failure = new Error('the test failed');
		let pid = 0;
		const run = withDaemon(wellBehaved, daemon => {
			pid = daemon.pid;
			throw failure;
		});
		await expect(run).rejects.toBe(failure);
		expect(isGone(pid)).toBe(true);
	});

	test('rejects as soon as the daemon dies, although the function never settles', async () => {
		const options = { startupCommand: [fixture('ready-then-dies.sh')], lookFor: 'ready' };
		const run = withDaemon(options, () => new Promise<never>(() => {}));
		await expect(run).rejects.toThrow(DaemonExitedError);
		await expect(run).rejects.toMatchObject({ exit: { code: 4, signal: null } });
	});

	test('aborts the signal it hands out when the daemon dies', async () => {
		let reason: unknown;
		const options = { startupCommand: [fixture('ready-then-dies.sh')], lookFor: 'ready' };
		const run = withDaemon(options, async (_, { signal }) => {
			signal.addEventListener('abort', () => (reason = signal.reason));
			await delay(60_000, undefined, { signal });
		});
		await expect(run).rejects.toThrow(DaemonExitedError);
		expect(reason).toBeInstanceOf(DaemonExitedError);
	});

	test('keeps both errors when the function fails because the daemon died', async () => {
		const options = { startupCommand: [fixture('ready-then-dies.sh')], lookFor: 'ready' };
		const run = withDaemon(options, async daemon => {
			// As a client would see it: the connection is lost before anybody knows why.
			process.kill(daemon.pid, 'SIGKILL');
			throw new Error('socket hang up');
		});
		const error = await run.catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(AggregateError);
		expect((error as AggregateError).errors).toEqual([
			new Error('socket hang up'),
			expect.objectContaining({ code: 'ERR_DAEMON_EXITED', exit: { code: null, signal: 'SIGKILL' } }),
		]);
	});

	test('keeps both errors when the function and the teardown fail, the first one first', async () => {
		const options = { startupCommand: [fixture('ignores-signals.sh'), 'INT'], lookFor: 'ready', shutdownTimeout: 50 };
		const run = withDaemon(options, () => {
			throw new Error('the test failed');
		});
		const error = await run.catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(AggregateError);
		const { errors, message } = error as AggregateError;
		expect(errors).toEqual([new Error('the test failed'), expect.any(ShutdownTimeoutError)]);
		expect(message).toMatch(/^Error: the test failed\n\nThen: ShutdownTimeoutError: ignores-signals.sh did not end/);
	});

	test('does not take it for an accident when the function ends the daemon itself', async () => {
		await withDaemon(wellBehaved, async daemon => {
			expect(daemon.kill('SIGKILL')).toBe(true);
			expect(await daemon.exited).toEqual({ code: null, signal: 'SIGKILL' });
			expect(daemon.state).toBe('stopped');
		});
		await withDaemon(wellBehaved, daemon => daemon.shutdown());
	});

	test('finds out about a death that nobody has been told of when the function returns', async () => {
		const run = withDaemon(wellBehaved, ({ pid }) => {
			process.kill(pid, 'SIGKILL');
			while (!isGone(pid));
		});
		await expect(run).rejects.toMatchObject({ code: 'ERR_DAEMON_EXITED', exit: { signal: 'SIGKILL' } });
	});

	test('stops a child that the daemon left, and rejects with its pid and command', async () => {
		let child = 0;
		const options = { startupCommand: [fixture('forks-children.sh')], lookFor: /child (?<child>\d+)/ };
		const run = withDaemon(options, ({ captures }) => {
			child = Number(captures['child']);
			expect(isGone(child)).toBe(false);
		});
		const error = await run.catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(LeakError);
		expect((error as LeakError).survivors).toMatchObject([
			{ pid: child, command: 'sleep 1000', foundBy: 'process group' },
		]);
		expect(isGone(child)).toBe(true);
	});

	test('finds a child that has left the group, but not the session', async () => {
		// With job control a shell gives every job a group of its own.
		const script = 'set -m; sleep 1000 & echo "child $!"; trap "exit 0" INT; while :; do sleep 0.02; done';
		const options = { startupCommand: ['bash', '-c', script], lookFor: /child (?<child>\d+)/ };
		const error = await withDaemon(options, () => {}).catch((reason: unknown) => reason);
		expect((error as LeakError).survivors).toMatchObject([{ command: 'sleep 1000', foundBy: 'session' }]);
	});

	test.each([
		['by the marker in its environment', 'escapes.mjs', 'environment', 'sleep 1000'],
		[
			'and cleared its environment, by its resource limit',
			'clears-its-environment.mjs',
			'resource limit',
			'/bin/sleep 1000',
		],
	])('finds an orphan that has left group and session, %s', async (_, name, foundBy, command) => {
		const startedAfter = Date.now() - 1000;
		let escaped = 0;
		const options = { startupCommand: [fixture(name)], lookFor: /escaped (?<escaped>\d+)/ };
		const run = withDaemon(options, async ({ captures, pid }) => {
			escaped = Number(captures['escaped']);
			const [ppid, pgid, sid] = ps(pid, 'ppid', 'pgid', 'sid');
			await expect.poll(() => ps(escaped, 'ppid')).not.toEqual([ppid]);
			expect(ps(escaped, 'pgid', 'sid')).not.toEqual([pgid, sid]);
		});
		const error = await run.catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(LeakError);
		const [survivor, ...others] = (error as LeakError).survivors;
		expect([survivor, others]).toMatchObject([{ pid: escaped, command, foundBy }, []]);
		expect(Number(survivor?.startedAt)).toBeGreaterThan(startedAfter);
		expect((error as LeakError).message).toContain(`${escaped}   ${command}   found by its ${foundBy}, since `);
		expect(isGone(escaped)).toBe(true);
	});

	test('warns instead of rejecting with `strict: false`', async () => {
		const options = { startupCommand: [fixture('forks-children.sh')], lookFor: 'ready', strict: false };
		await withDaemon(options, () => {});
		await expect.poll(takeWarnings).toMatchObject([{ name: 'LeakError' }]);
	});

	test('does not share a PID file with a living process', async () => {
		const pidFile = join(temporaryFolder(), 'shared.pid');
		await withDaemon({ ...wellBehaved, pidFile }, async first => {
			const second = withDaemon({ ...wellBehaved, pidFile }, () => expect.unreachable());
			await expect(second).rejects.toThrow(AlreadyRunningError);
			await expect(second).rejects.toMatchObject({ pid: first.pid });
			expect(first.isAlive()).toBe(true);
		});
	});

	test('takes a PID file that a dead process left', async () => {
		const pidFile = join(temporaryFolder(), 'stale.pid');
		writeFileSync(pidFile, '4194303\n');
		await withDaemon({ ...wellBehaved, pidFile }, ({ pid }) => expect(pid).not.toBe(4194303));
		expect(existsSync(pidFile)).toBe(false);
	});
});

describe('startDaemon()', () => {
	test('is torn down at the end of the block', async () => {
		let used: RunningDaemon | undefined;
		{
			await using daemon = await startDaemon(wellBehaved);
			used = daemon;
			expect(daemon.isAlive()).toBe(true);
		}
		expect(used.isAlive()).toBe(false);
		expect(existsSync(used.dir)).toBe(false);
	});

	test('leaves nothing when the start fails', async () => {
		const folders = temporaryFolders();
		const start = startDaemon({ startupCommand: [fixture('exits-at-once.sh'), '3'] });
		await expect(start).rejects.toThrow(StartupError);
		expect(temporaryFolders()).toEqual(folders);
	});

	test('says that there is no temporary folder', async () => {
		vi.stubEnv('TMPDIR', '/no/such/folder');
		onTestFinished(() => void vi.unstubAllEnvs());
		await expect(startDaemon(wellBehaved)).rejects.toThrow('no temporary folder can be made in /no/such/folder');
	});

	test('can be torn down twice, also at once', async () => {
		const daemon = await startDaemon(wellBehaved);
		await Promise.all([daemon[Symbol.asyncDispose](), daemon[Symbol.asyncDispose]()]);
		await daemon[Symbol.asyncDispose]();
		expect(isGone(daemon.pid)).toBe(true);
	});

	test('gives each of many daemons its own life', async () => {
		const daemons = await Promise.all(Array.from({ length: 20 }, () => startDaemon(wellBehaved)));
		expect(new Set(daemons.map(({ pid }) => pid)).size).toBe(20);
		expect(daemons.every(daemon => daemon instanceof Daemon && daemon.isAlive())).toBe(true);
		await Promise.all(daemons.map(daemon => daemon[Symbol.asyncDispose]()));
		expect(daemons.every(({ pid }) => isGone(pid))).toBe(true);
	});
});
