/** A daemon for a file, a `describe` or each test, by vitest's hooks. */
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
 * Starts a daemon before the tests of the file or `describe` it is called in, and tears it down after them. A daemon that
 * dies fails the test it died in, and at once those that come after. What its start or its teardown finds fails the suite.
 * The hooks have the daemon's own time limits, not `hookTimeout`.
 *
 * @param options or a function that returns them, called right before the start: it sees the daemons that were started
 * before, by an earlier `useDaemon`.
 * @returns the daemon. Its properties can be read in tests and in later hooks; elsewhere they throw.
 * @throws {@link InvalidOptionError}, at once, for options that are wrong.
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
	// What a function will return is not known yet: then the daemon's own limits are the only ones. 0 is vitest's word for none.
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
	// rest of them when one throws: `onTestFinished` and `aroundAll` (since 4.1) end a daemon that was left that way.
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
