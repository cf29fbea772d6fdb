/**
 * `withDaemon` and `startDaemon` for tests of vitest: they stay within the time of the running test, and end with it.
 */
import { seenFromCallOf } from '../call-site.ts';
import { showLogIfFailed } from '../hooks/show-log.ts';
import * as core from '../index.ts';
import { type Captures, type DaemonOptions, type RunningDaemon, timeLimits } from '../index.ts';
import { hooked } from './hooked-test.ts';
import { runningTest, testOfHook } from './running-test.ts';
import { endAtDeath, type Test } from './test-run.ts';
import { anyOf, shortenShutdown, startShareOf, unlessGivenUp } from './within-test.ts';

type Use<T, C extends Captures> = (
	daemon: RunningDaemon<C>,
	context: { readonly signal: AbortSignal },
) => T | Promise<T>;

/**
 * Like `withDaemon` of `withdaemon`, but it knows the running test. To become ready the daemon gets four fifths of the
 * time that is left of the test, and later, to end, the rest but for what force takes: then this library's error is shown, not
 * `Test timed out`. If the test times out or is cancelled, the daemon is stopped before the next test starts. In hooks
 * and outside of tests it is the function of `withdaemon`.
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
	const isOver = new AbortController();
	const signal = anyOf(options.signal, test.context.signal, isOver.signal);
	let isPending = true;
	let holdLog = () => {};
	// Before the daemon hears of it, and ends.
	signal.addEventListener('abort', () => holdLog(), { once: true });
	const use: Use<T, C> = async (daemon, context) => {
		holdLog = showLogIfFailed(hooked(test), daemon, true);
		try {
			return await fn(daemon, context);
		} finally {
			holdLog();
			await limitShutdown(daemon, test);
		}
	};
	const running = core.withDaemon({ ...within(test, options), signal }, use).finally(() => {
		isPending = false;
	});
	test.context.onTestFinished(async () => {
		isOver.abort();
		if (isPending) await running.catch(error => error === signal.reason || Promise.reject(error));
	}, timeLimits(options).startupMs);
	return await running;
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
	const signal = anyOf(options.signal, test.context.signal);
	let isTold = () => false;
	let holdLog = () => {};
	// Before the daemon hears of it, and ends.
	signal.addEventListener('abort', () => holdLog(), { once: true });
	let isPending = true;
	let late: { readonly error: unknown } | undefined;
	const starting = core.startDaemon({ ...within(test, options), signal }).finally(() => {
		isPending = false;
	});
	test.context.onTestFinished(async () => {
		// Its function was left, and does not end the daemon.
		if (!isTold() && !test.context.signal.aborted) return;
		const daemon = await starting.catch(isPending ? unlessGivenUp(signal) : () => undefined);
		holdLog();
		await daemon?.[Symbol.asyncDispose]();
		if (late) throw late.error;
	}, timeLimits(options).startupMs);
	const daemon = await starting;
	holdLog = showLogIfFailed(hooked(test), daemon, true);
	isTold = endAtDeath(test, daemon);
	const limit = async () => {
		holdLog();
		await limitShutdown(daemon, test);
	};
	// The function of a test that is over is heard no more.
	return beforeDisposal(daemon, limit, error => {
		if (test.context.signal?.aborted) late ??= { error };
	});
}

async function startInHook<C extends Captures>(options: DaemonOptions<C>): Promise<RunningDaemon<C>> {
	const daemon = await core.startDaemon(options);
	const test = await testOfHook();
	if (test) {
		const holdLog = showLogIfFailed(hooked(test), daemon, true);
		const isTold = endAtDeath(test, daemon);
		test.context.onTestFinished(() => void isTold());
		return beforeDisposal(daemon, async () => holdLog());
	}
	return daemon;
}

function beforeDisposal<C extends Captures>(
	daemon: RunningDaemon<C>,
	work: () => Promise<void>,
	onError: (error: unknown) => void = () => {},
): RunningDaemon<C> {
	const dispose = daemon[Symbol.asyncDispose].bind(daemon);
	const value = async () => {
		await work();
		await dispose().catch(error => {
			onError(error);
			throw error;
		});
	};
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
