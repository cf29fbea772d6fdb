import { existsSync, readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import {
	AlreadyRunningError,
	Daemon,
	type LeakError,
	PidFile,
	type RunningDaemon,
	ShutdownTimeoutError,
	startDaemon,
	withDaemon,
} from '../src/index.ts';
import { takeWarnings } from './setup/no-warnings.ts';
import { runCaller } from './support/callers.ts';
import { fixture, temporaryFolder } from './support/fixtures.ts';
import { isGone } from './support/processes.ts';
import { onTestFinished } from './support/this-test.ts';
import { watchTraces } from './support/traces.ts';

const wellBehaved = { startupCommand: [fixture('well-behaved.mjs')], lookFor: /listening on port (?<port>\d+)/ };
/** It starts faster than Node. */
const isReady = { startupCommand: [fixture('is-ready.sh')], lookFor: 'ready' };
const greet = (port: string | undefined) => text(connect(Number(port), '127.0.0.1'));

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
		await withDaemon({ ...isReady, pidFile }, daemon => {
			expect(new PidFile(pidFile).isAlive()).toBe(true);
			expect(daemon.isAlive()).toBe(true);
		});
		const never = { startupCommand: [fixture('never-ready.sh')], lookFor: 'ready', startupTimeout: 1000 };
		await expect(withDaemon(never, () => {})).rejects.toThrow('not ready within 1000 ms');
	});

	test('keeps both errors when the function fails because the daemon died', async () => {
		const run = withDaemon(isReady, async daemon => {
			// A client sees this: the connection is lost before anything explains it.
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

	test('waits a moment for the death that may be the cause when the function fails', async () => {
		const run = withDaemon(isReady, ({ pid }) => {
			// It is due before the wait is over, however slow the machine is.
			setTimeout(() => process.kill(Number(pid), 'SIGKILL'), 20);
			throw new Error('socket hang up');
		});
		await expect(run).rejects.toMatchObject({ errors: [new Error('socket hang up'), { code: 'ERR_DAEMON_EXITED' }] });
	});

	test('keeps both errors when the function and the teardown fail, the first one first', async () => {
		const startupCommand = [fixture('ignores-signals.sh'), 'INT'];
		const options = { startupCommand, shutdownCommand: 'SIGINT', lookFor: 'ready', shutdownTimeout: 50 };
		const run = withDaemon(options, () => {
			throw new Error('the test failed');
		});
		const error = await run.catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(AggregateError);
		const { errors, message } = error as AggregateError;
		expect(errors).toEqual([new Error('the test failed'), expect.any(ShutdownTimeoutError)]);
		expect(message).toMatch(/^Error: the test failed\n\nThen: ShutdownTimeoutError: ignores-signals.sh did not end/);
	});

	test('does not report a death when the function ends the daemon itself', async () => {
		await withDaemon(isReady, async daemon => {
			expect(daemon.kill('SIGKILL')).toBe(true);
			expect(await daemon.exited).toEqual({ code: null, signal: 'SIGKILL' });
			expect(daemon.state).toBe('stopped');
		});
		await withDaemon(isReady, daemon => daemon.shutdown());
	});

	test('notices a death that nobody has seen when the function returns', async () => {
		const run = withDaemon(isReady, ({ pid }) => {
			process.kill(pid, 'SIGKILL');
			while (!isGone(pid));
		});
		await expect(run).rejects.toMatchObject({ code: 'ERR_DAEMON_EXITED', exit: { signal: 'SIGKILL' } });
	});

	test('finds a child that has left the group, but not the session', async () => {
		// With job control, a shell gives every job its own group.
		const script = 'set -m; sleep 1000 & echo "child $!"; trap "exit 0" TERM; while :; do sleep 0.02; done';
		const options = { startupCommand: ['bash', '-c', script], lookFor: /child (?<child>\d+)/ };
		let child = 0;
		const run = withDaemon(options, ({ captures }) => {
			child = Number(captures['child']);
		});
		const error = await run.catch((reason: unknown) => reason);
		expect((error as LeakError).survivors).toMatchObject([{ pid: child, foundBy: 'session' }]);
	});

	test('warns instead of rejecting with `strict: false`', async () => {
		const startupCommand = [fixture('forks-children.sh')];
		const options = { startupCommand, shutdownCommand: 'SIGINT', lookFor: 'ready', strict: false };
		await withDaemon(options, () => {});
		await expect.poll(takeWarnings).toMatchObject([{ name: 'LeakError' }]);
	});

	test('does not share a PID file with a living process', async () => {
		const pidFile = join(temporaryFolder(), 'shared.pid');
		await withDaemon({ ...isReady, pidFile }, async first => {
			const second = withDaemon({ ...isReady, pidFile }, () => expect.unreachable());
			await expect(second).rejects.toThrow(AlreadyRunningError);
			await expect(second).rejects.toMatchObject({ pid: first.pid });
			expect(first.isAlive()).toBe(true);
		});
	});
});

describe('the option `signal`', () => {
	test('ends a start, and its reason is the cause of the error', async () => {
		const { left } = watchTraces();
		const [early, late] = [new AbortController(), new AbortController()];
		early.abort(new Error('too late'));
		const unused = withDaemon({ ...isReady, signal: early.signal }, () => expect.unreachable());
		await expect(unused).rejects.toMatchObject({ code: 'ERR_DAEMON_STARTUP', cause: early.signal.reason });
		const never = { startupCommand: [fixture('never-ready.sh')], lookFor: /^ready/, signal: late.signal };
		const run = withDaemon(never, () => expect.unreachable());
		await expect.poll(left).toContainEqual(expect.stringContaining('sleep 1000'));
		late.abort(new Error('the test is over'));
		await expect(run).rejects.toMatchObject({ code: 'ERR_DAEMON_STARTUP', cause: late.signal.reason });
		await expect(run).rejects.toThrow(
			/was stopped before it was ready, as its `signal` was aborted: Error: the test is over\n/,
		);
		expect(left()).toEqual([]);
	});

	test('ends the daemon in use, with its proof, and its reason is the error', async () => {
		const { left } = watchTraces();
		const controller = new AbortController();
		const reason = new Error('the test is over');
		const seen: unknown[] = [];
		const run = withDaemon({ ...isReady, signal: controller.signal }, (_, { signal }) => {
			signal.addEventListener('abort', () => seen.push(signal.reason));
			controller.abort(reason);
			return new Promise(() => {});
		});
		await expect(run).rejects.toBe(reason);
		expect(seen).toEqual([reason]);
		expect(left()).toEqual([]);
	});

	test('begins the teardown of `startDaemon`, whose error is thrown once', async () => {
		const { left } = watchTraces();
		const controller = new AbortController();
		const { signal } = controller;
		const startupCommand = [fixture('forks-children.sh')];
		const daemon = await startDaemon({ startupCommand, shutdownCommand: 'SIGINT', lookFor: 'ready', signal });
		controller.abort();
		await expect.poll(left).toEqual([]);
		expect(daemon.state).toBe('stopped');
		await expect(daemon[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'ERR_DAEMON_LEAK' });
		await daemon[Symbol.asyncDispose]();
	});
});

describe('startDaemon()', () => {
	test('is torn down at the end of the block', async () => {
		let used: RunningDaemon | undefined;
		{
			await using daemon = await startDaemon(isReady);
			used = daemon;
			expect(daemon.isAlive()).toBe(true);
		}
		expect(used.isAlive()).toBe(false);
		expect(existsSync(used.dir)).toBe(false);
		const again = `is-ready.sh could not be started: its temporary folder ${used.dir} is gone, as after a teardown: start another daemon (ENOENT)`;
		await expect(used.restart()).rejects.toMatchObject({ code: 'ERR_DAEMON_STARTUP', shortMessage: again });
	});

	test('says that there is no temporary folder', async () => {
		const folders = ['env', 'TMPDIR=/no/such/folder', `XDG_RUNTIME_DIR=${temporaryFolder()}`];
		const { output } = await runCaller('says-error.mjs', ['sleep'], folders);
		expect(JSON.parse(output).message).toContain('cannot make a temporary folder in /no/such/folder');
	});

	test('gives each of many daemons its own life', async () => {
		// On a busy machine, so many at once take long to start.
		const patient = { ...isReady, timeout: 100_000 };
		const daemons = await Promise.all(Array.from({ length: 20 }, () => startDaemon(patient)));
		expect(new Set(daemons.map(({ pid }) => pid)).size).toBe(20);
		expect(daemons.every(daemon => daemon instanceof Daemon && daemon.isAlive())).toBe(true);
		await Promise.all(daemons.map(daemon => daemon[Symbol.asyncDispose]()));
		expect(daemons.every(({ pid }) => isGone(pid))).toBe(true);
	});
});
