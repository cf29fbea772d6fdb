/**
 * `withDaemon` and `startDaemon` for tests of vitest: they stay within the time of the running test, and end with it.
 */
import { seenFromCallOf } from '../call-site.ts';
import * as core from '../index.ts';
import { type Captures, type DaemonOptions, type RunningDaemon, timeLimits } from '../index.ts';
import { runningTest, testOfHook } from './running-test.ts';
import type { Test } from './test-run.ts';
import { endAtDeaths, shortenShutdown, showLogsIfFailed, startInTest, startShareOf, untilOver } from './within-test.ts';

type Use<T, C extends Captures> = (
	daemon: RunningDaemon<C>,
	context: { readonly signal: AbortSignal },
) => T | Promise<T>;

/**
 * Like `withDaemon` of `withdaemon`, but it knows the running test. To become ready the daemon gets four fifths of the
 * time that is left of the test, and later, to end, the rest but for what force takes: then this library's error is
 * shown, not `Test timed out`. If the test times out or is cancelled, the daemon is stopped before the next test
 * starts. In hooks and outside of tests it is the function of `withdaemon`.
 *
 * @param fn gets the daemon, and a signal that aborts when the daemon dies or the test is over.
 * @throws what `withDaemon` of `withdaemon` throws.
 */
export async function withDaemon<T, C extends Captures = Captures>(
	options: DaemonOptions<C>,
	fn: Use<T, C>,
): Promise<T> {
	return await seenFromCallOf(withDaemon, () => run(options, fn));
}

async function run<T, C extends Captures>(options: DaemonOptions<C>, fn: Use<T, C>): Promise<T> {
	const test = await runningTest();
	if (!test) return await core.withDaemon(options, fn);
	return await untilOver(test, options.signal, timeLimits(options).startupMs, signal => {
		let holdLog = () => {};
		// The log is held before the daemon hears of the abort, and ends.
		signal.addEventListener('abort', () => holdLog(), { once: true });
		const use: Use<T, C> = async (daemon, context) => {
			holdLog = showLogsIfFailed(test, [daemon]);
			try {
				return await fn(daemon, context);
			} finally {
				holdLog();
				await limitShutdown(daemon, test);
			}
		};
		return core.withDaemon({ ...within(test, options), signal }, use);
	});
}

/**
 * Like `startDaemon` of `withdaemon`, but like {@link withDaemon} it knows the running test: if the daemon dies, the
 * test fails at once; then, and if the test times out or is cancelled, the daemon is stopped before the next test
 * starts. In a `beforeEach` hook its death ends the test of the hook.
 *
 * @throws what `startDaemon` of `withdaemon` throws.
 */
export async function startDaemon<C extends Captures = Captures>(options: DaemonOptions<C>): Promise<RunningDaemon<C>> {
	return await seenFromCallOf(startDaemon, () => start(options));
}

async function start<C extends Captures>(options: DaemonOptions<C>): Promise<RunningDaemon<C>> {
	const test = await runningTest();
	if (!test) return await startInHook(options);
	const begin = (signal: AbortSignal) => core.startDaemon({ ...within(test, options), signal });
	const { startupMs } = timeLimits(options);
	const { started: daemon, end } = await startInTest(test, options.signal, startupMs, begin, daemon => [daemon]);
	return withDisposal(daemon, () => end(() => limitShutdown(daemon, test)));
}

async function startInHook<C extends Captures>(options: DaemonOptions<C>): Promise<RunningDaemon<C>> {
	const daemon = await core.startDaemon(options);
	const test = await testOfHook();
	if (!test) return daemon;
	const dispose = daemon[Symbol.asyncDispose].bind(daemon);
	const holdLog = showLogsIfFailed(test, [daemon]);
	const isTold = endAtDeaths(test, [daemon]);
	test.context.onTestFinished(() => void isTold());
	return withDisposal(daemon, async () => {
		holdLog();
		await dispose();
	});
}

function withDisposal<C extends Captures>(daemon: RunningDaemon<C>, value: () => Promise<void>): RunningDaemon<C> {
	return Object.defineProperty(daemon, Symbol.asyncDispose, { value, configurable: true });
}

/** Called before a teardown in the test itself, whose error has to come before the test's time is over. */
async function limitShutdown(daemon: { shutdownTimeout: number }, test: Test): Promise<void> {
	// In a hook, or after the test, other limits hold.
	if (test.context.signal?.aborted || (await runningTest()) !== test) return;
	shortenShutdown(daemon, test);
}

/** The options with a limit that ends before the test's; the rest of the time is for the teardown. */
function within<C extends Captures>(test: Test, options: DaemonOptions<C>): DaemonOptions<C> {
	const { readyMs } = timeLimits(options);
	return { ...options, startupTimeout: Math.min(readyMs, startShareOf(test)) };
}
