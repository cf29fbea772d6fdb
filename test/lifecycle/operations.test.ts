/** Operations that consist of several: `restart()` and `stopped()`. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import {
	type DaemonOptions,
	InvalidOptionError,
	LeakError,
	type RunningDaemon,
	ShutdownTimeoutError,
	StartupError,
	startDaemon,
} from '../../src/index.ts';
import { deferred } from '../../src/time/deadline.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

const listens = {
	startupCommand: ['sh', '-c', 'echo "run $$"; exec "$0" "$@"', fixture('listens.mjs'), '{port}'],
	port: 'auto',
} as const;

async function start(options: Partial<DaemonOptions> = {}): Promise<RunningDaemon> {
	const daemon = await startDaemon({ ...listens, lookFor: 'ready', ...options } as DaemonOptions);
	onTestFinished(() => daemon[Symbol.asyncDispose]().catch(() => {}));
	return daemon;
}

const greet = (port: number) => text(connect(port, '127.0.0.1'));

test('a restart is on the same port, and asks the probes anew', async () => {
	const daemon = await start({ lookFor: /run (?<run>\d+)/ });
	const { pid, port, captures } = daemon;
	expect(captures).toEqual({ run: String(pid) });
	await daemon.restart();
	expect([daemon.port, daemon.state, daemon.pid === pid]).toEqual([port, 'ready', false]);
	expect(daemon.captures).toEqual({ run: String(daemon.pid) });
});

test('a restart rejects if the daemon is not ready again', async () => {
	const flag = join(temporaryFolder(), 'flag');
	const startupCommand = ['sh', '-c', 'if [ -e "$0" ]; then exit 3; fi; echo ready; exec sleep 1000', flag];
	const daemon = await start({ startupCommand, port: undefined });
	writeFileSync(flag, '');
	await expect(daemon.restart()).rejects.toThrow('exited with code 3 before it was ready');
});

test.concurrent.for(['restart()', 'shutdown()'])(
	'a start after %s waits for a server whose wrapper has ended before it',
	async how => {
		const startupCommand = `${fixture('slow-to-stop.mjs')} 500 {port} & wait`;
		await using daemon = await startDaemon({ startupCommand, port: 'auto' });
		const { pid, port } = daemon;
		if (how === 'restart()') await daemon.restart();
		else await (await daemon.shutdown()).startup();
		expect([daemon.state, daemon.port, daemon.pid === pid]).toEqual(['ready', port, false]);
	},
);

test('stopped() calls its function while the daemon is gone, and resolves to the result when it is ready again', async () => {
	const daemon = await start();
	const { pid, port } = daemon;
	const result = await daemon.stopped(async () => {
		expect([isGone(pid), daemon.isAlive(), daemon.state, daemon.signal.aborted]).toEqual([
			true,
			false,
			'stopped',
			false,
		]);
		await expect(greet(port)).rejects.toThrow('ECONNREFUSED');
		return 42;
	});
	expect([result, daemon.state, daemon.port, daemon.pid === pid]).toEqual([42, 'ready', port, false]);
	expect(await greet(port)).toBe('hello\n');
});

test('stopped() starts the daemon again if its function throws, and rejects with that', async () => {
	const daemon = await start();
	const error = new Error('of the function');
	const fail = () => {
		throw error;
	};
	await expect(daemon.stopped(fail)).rejects.toBe(error);
	expect(await greet(daemon.port)).toBe('hello\n');
});

test('stopped() rejects with both errors if the daemon cannot be started again either', async () => {
	const daemon = await start();
	const error = new Error('of the function');
	const fail = async () => {
		daemon.startupCommand = ['sh', '-c', 'exit 3 # {port}'];
		throw error;
	};
	const failed = await daemon.stopped(fail).catch((reason: unknown) => reason);
	expect(failed).toBeInstanceOf(AggregateError);
	expect((failed as AggregateError).errors).toEqual([error, expect.any(StartupError)]);
});

test('stopped() does not call its function if the daemon does not end', async () => {
	const startupCommand = [fixture('ignores-signals.sh'), 'TERM'];
	const daemon = await start({ startupCommand, port: undefined, shutdownTimeout: 50 });
	const work = vi.fn();
	await expect(daemon.stopped(work)).rejects.toThrow(ShutdownTimeoutError);
	expect([work.mock.calls, daemon.isAlive()]).toEqual([[], true]);
	daemon.shutdownCommand = 'SIGKILL';
});

test('stopped() ends what the daemon left before it calls its function, and the teardown reports it', async () => {
	const startupCommand = [fixture('forks-children.sh')];
	const daemon = await start({
		startupCommand,
		port: undefined,
		shutdownCommand: 'SIGINT',
		lookFor: /child (?<child>\d+)/,
	});
	const { child } = daemon.captures;
	expect(await daemon.stopped(() => isGone(Number(child)))).toBe(true);
	const leak = await daemon[Symbol.asyncDispose]().catch((error: unknown) => error);
	expect(leak).toBeInstanceOf(LeakError);
	expect((leak as LeakError).survivors.map(({ pid }) => pid)).toContain(Number(child));
	await daemon[Symbol.asyncDispose]();
});

test('stopped() does not call its function while a port is open', async () => {
	const startupCommand = [fixture('leaves-its-port-open.mjs'), '{port}'];
	const daemon = await start({ startupCommand, lookFor: /escaped (?<escaped>\d+)/, ready: [] });
	onTestFinished(() => void process.kill(Number(daemon.captures['escaped'])));
	const work = vi.fn();
	await expect(daemon.stopped(work)).rejects.toThrow(`left port ${daemon.port} open`);
	expect([work.mock.calls, daemon.state]).toEqual([[], 'stopped']);
});

test('stopped() of several callers come one after the other', async () => {
	const daemon = await start();
	const isAlive = () => daemon.isAlive();
	expect(await Promise.all([daemon.stopped(isAlive), daemon.stopped(isAlive)])).toEqual([false, false]);
	expect(daemon.isAlive()).toBe(true);
});

test('a teardown does not wait for the function of stopped(), and the daemon is not started again', async () => {
	const daemon = await start();
	const { promise: begun, resolve: begin } = deferred<void>();
	const { promise: wanted, reject } = deferred<void>();
	const stopping = daemon.stopped(() => {
		begin();
		return wanted;
	});
	const failed = stopping.catch((error: unknown) => error);
	await begun;
	await daemon[Symbol.asyncDispose]();
	expect(daemon.isAlive()).toBe(false);
	const error = new Error('of the function');
	reject(error);
	expect(await failed).toMatchObject({
		errors: [error, { message: expect.stringContaining('was stopped before it was ready') }],
	});
});

test.for(['startup', 'restart', 'pause', 'resume'] as const)(
	'%s() is refused to the function of stopped(), as it would wait for ever',
	async method => {
		const daemon = await start();
		await expect(daemon.stopped(() => daemon[method]())).rejects.toThrow(
			`\`${method}()\` was called by the function of \`stopped()\`, and can only begin when that is over: call it afterwards.`,
		);
		await expect(daemon.stopped(async () => daemon.stopped(() => {}))).rejects.toThrow(InvalidOptionError);
		expect(daemon.state).toBe('ready');
	},
);

test('what the function of stopped() has begun can use the daemon when it is ready again', async () => {
	const daemon = await start();
	let later: Promise<unknown> = Promise.resolve();
	const { promise: over, resolve } = deferred<void>();
	await daemon.stopped(() => {
		later = over.then(() => daemon.pause());
	});
	resolve();
	expect(await later).toBe(daemon);
});

test('stopped() needs a function', async () => {
	const daemon = await start();
	await expect(daemon.stopped('x' as never)).rejects.toThrow(
		'Expected the argument of `stopped` to be a function, but got "x" (string).',
	);
	expect(daemon.state).toBe('ready');
});

test('a test that has failed waits a moment for the death that may be the cause', async () => {
	const daemon = await start();
	const checked = daemon.assertNotDied(true);
	// Not by a timer: on a busy machine the moment could be over before that.
	process.kill(daemon.pid, 'SIGKILL');
	await expect(checked).rejects.toThrow('was killed by SIGKILL while it was in use');
});
