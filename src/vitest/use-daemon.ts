/** A daemon for a file, a `describe` or each test, by vitest's hooks. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import {
	assertNotDied,
	type DaemonOptions,
	InvalidOptionError,
	type RunningDaemon,
	startDaemon,
	timeLimits,
} from '../index.ts';

export interface UseDaemonOptions {
	/** `'suite'`, the default: one daemon for the file or the `describe` around; `'test'`: a fresh one for each test. */
	readonly per?: 'suite' | 'test';
}

/**
 * Starts a daemon before the tests of the file or `describe` it is called in, and tears it down after them. A daemon that
 * dies fails the test it died in, and those that come after. The hooks have the daemon's own time limits.
 *
 * @returns the daemon. Its properties can be read in tests and in later hooks; before it is started they throw.
 * @throws {@link InvalidOptionError}, at once, for options that are wrong.
 *
 * @example
 * const redis = useDaemon({ startupCommand: 'redis-server', lookFor: 'Ready to accept connections' });
 * test('runs', () => expect(redis.isAlive()).toBe(true));
 */
export function useDaemon(options: DaemonOptions, { per = 'suite' }: UseDaemonOptions = {}): RunningDaemon {
	const { startupMs, teardownMs } = timeLimits(options);
	let daemon: RunningDaemon | undefined;
	const start = async () => {
		daemon = await startDaemon(options);
	};
	const stop = async () => {
		const ending = daemon;
		daemon = undefined;
		await ending?.[Symbol.asyncDispose]();
	};
	if (per === 'test') {
		beforeEach(async ({ task }) => {
			if (task.concurrent) throw new InvalidOptionError('useDaemon', [CONCURRENT]);
			await start();
		}, startupMs);
		afterEach(stop, teardownMs);
	} else {
		beforeAll(start, startupMs);
		afterAll(stop, teardownMs);
		beforeEach(() => daemon?.signal.throwIfAborted());
	}
	// Hooks run last in, first out: this one looks before the daemon is stopped.
	afterEach(async ({ task }) => {
		if (daemon) await assertNotDied(daemon, task.result?.state === 'fail');
	});
	return handleFor(() => daemon);
}

const CONCURRENT =
	"`per: 'test'` is for tests that run one after the other: for `test.concurrent` use `daemonFixture`.";

/** Looks like the daemon that runs at the moment. */
function handleFor(current: () => RunningDaemon | undefined): RunningDaemon {
	const running = () => {
		const daemon = current();
		if (daemon) return daemon;
		throw new InvalidOptionError('useDaemon', [
			'The daemon of `useDaemon` is not running here: read its properties in tests and hooks, not while they are collected.',
		]);
	};
	return new Proxy({} as RunningDaemon, {
		get: (_, name) => {
			const daemon = running();
			const value: unknown = Reflect.get(daemon, name, daemon);
			return typeof value === 'function' ? value.bind(daemon) : value;
		},
		has: (_, name) => name in running(),
	});
}
