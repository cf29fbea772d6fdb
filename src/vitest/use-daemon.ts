/** Runs a daemon for a file, a `describe` or each test, with vitest's hooks. */
import * as vitest from 'vitest';
import { checkedAtCallOf } from '../call-site.ts';
import {
	type Captures,
	type DaemonOptions,
	InvalidOptionError,
	type RunningDaemon,
	startDaemon,
	timeLimits,
} from '../index.ts';
import { endDaemon } from './end-daemon.ts';
import { handleFor } from './handle.ts';

export interface UseDaemonOptions {
	/** `'suite'`, the default: one daemon for the file or the `describe` around; `'test'`: a fresh one for each test. */
	readonly per?: 'suite' | 'test';
}

/**
 * Starts a daemon before the tests of the file or `describe` in which it is called, and tears it down after them. If
 * the daemon dies, the test that runs fails, and later tests fail at once. Errors of its start or teardown fail the
 * suite. The hooks have the daemon's own time limits, not `hookTimeout`.
 *
 * @param options the options, or a function that returns them. It is called right before the start, so it can use the
 * daemons of an earlier `useDaemon`.
 * @returns the daemon. Its properties can be read in tests and in later hooks; elsewhere they throw.
 * @throws {@link InvalidOptionError} at once if options are invalid.
 *
 * @example
 * const redis = useDaemon({ startupCommand: 'redis-server --port {port}', port: 'auto', lookFor: 'Ready to accept' });
 * const app = useDaemon(() => ({ startupCommand: 'node app.js', env: { REDIS_PORT: redis.port }, port: 'auto' }));
 * test('runs', () => expect(app.isAlive()).toBe(true));
 */
export function useDaemon<C extends Captures = Captures>(
	options: DaemonOptions<C> | (() => DaemonOptions<C>),
	{ per = 'suite' }: UseDaemonOptions = {},
): RunningDaemon<C> {
	// The options of a function are not known yet, so then only the daemon's own limits count. 0 means no limit in
	// vitest.
	const { startupMs, teardownMs } =
		typeof options === 'function'
			? { startupMs: 0, teardownMs: 0 }
			: checkedAtCallOf(useDaemon, () => timeLimits(options));
	let starting: Promise<RunningDaemon<C>> | undefined;
	let daemon: RunningDaemon<C> | undefined;
	let told: unknown;

	const start = async () => {
		starting = startDaemon(typeof options === 'function' ? options() : options);
		daemon = await starting;
	};
	const check = async (isSuspected: boolean) => {
		if (!daemon) return;
		await daemon.assertNotDied(isSuspected).catch(death => {
			told = death;
			throw death;
		});
	};
	const end = async (isSuspected: boolean) => {
		const ending = await starting?.catch(() => undefined);
		starting = undefined;
		daemon = undefined;
		if (ending) await endDaemon(ending, isSuspected, told);
	};

	// Hooks run in pairs, the last one first, so that what was made before the daemon outlives it. But vitest skips the
	// other hooks when one throws; then `onTestFinished` and `aroundAll` (since 4.1) end the daemon.
	if (per === 'test') {
		vitest.beforeEach(async ({ task, onTestFinished }) => {
			if (task.concurrent) throw new InvalidOptionError('useDaemon', [CONCURRENT]);
			onTestFinished(() => end(hasFailed(task)), startupMs);
			await start();
		}, startupMs);
		vitest.afterEach(({ task }) => end(hasFailed(task)), teardownMs);
	} else {
		vitest.beforeAll(start, startupMs);
		vitest.beforeEach(async ({ task, onTestFinished }) => {
			await check(false);
			onTestFinished(() => check(hasFailed(task)), teardownMs);
		}, teardownMs);
		vitest.afterAll(() => end(false), teardownMs);
		if ('aroundAll' in vitest)
			vitest.aroundAll(async runSuite => {
				await runSuite();
				await end(false);
			}, startupMs);
	}
	return handleFor(() => daemon);
}

const CONCURRENT =
	"`per: 'test'` is for tests that run one after the other: for `test.concurrent` use `daemonFixture`.";

function hasFailed({ result }: vitest.TestContext['task']): boolean {
	return result?.state === 'fail';
}
