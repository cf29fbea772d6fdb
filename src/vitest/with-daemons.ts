/**
 * `withDaemons` and `startDaemons` for tests of vitest: a group stays within the time of its test, and ends with it.
 */
import { seenFromCallOf } from '../call-site.ts';
import type { Checked, UseGroup } from '../group/member.ts';
import type { DaemonGroup, GroupOptions, RunningDaemon, RunningGroup } from '../index.ts';
import * as core from '../index.ts';
import { runningTest, testOfHook } from './running-test.ts';
import type { Test } from './test-run.ts';
import { endAtDeaths, shortenShutdown, showLogsIfFailed, startInTest, startShareOf, untilOver } from './within-test.ts';

/**
 * Like `withDaemons` of `withdaemon`, but it knows the running test. All members together get four fifths of the time
 * that is left of the test to become ready, and later the rest to end, but for what force takes: then this library's
 * error is shown, not `Test timed out`. If the test times out or is cancelled, the group is ended before the next test
 * starts. If the test fails, it shows what each member has logged. In hooks and outside of tests it is the function of
 * `withdaemon`.
 *
 * @throws what `withDaemons` of `withdaemon` throws.
 */
export async function withDaemons<const G extends DaemonGroup, T>(
	group: G & Checked<G>,
	fn: UseGroup<G, T>,
	options: GroupOptions = {},
): Promise<T> {
	return await seenFromCallOf(withDaemons, () => run<G, T>(group, fn, options));
}

async function run<const G extends DaemonGroup, T>(
	group: G & Checked<G>,
	fn: UseGroup<G, T>,
	options: GroupOptions,
): Promise<T> {
	const test = await runningTest();
	// If `fn` is no function, it is refused there.
	if (!test || typeof fn !== 'function') return await core.withDaemons<G, T>(group, fn, options);
	return await untilOver(test, options.signal, NO_LIMIT, (signal, isOver) => {
		let holdLogs = () => {};
		// The logs are held before the members hear of the abort, and end.
		signal.addEventListener('abort', () => holdLogs(), { once: true });
		const use: UseGroup<G, T> = async (daemons, context) => {
			holdLogs = showLogsIfFailed(test, Object.values(daemons));
			// A death ends the group although the function goes on.
			context.signal.addEventListener('abort', holdLogs, { once: true });
			try {
				return await fn(daemons, context);
			} finally {
				holdLogs();
			}
		};
		return core.withDaemons<G, T>(
			group,
			use,
			within(test, options, signal, () => !isOver.aborted),
		);
	});
}

/**
 * Like `startDaemons` of `withdaemon`, but like {@link withDaemons} it knows the running test: if a member dies, the
 * test fails at once; then, and if the test times out or is cancelled, the group is ended before the next test starts.
 * In a `beforeEach` hook the death of a member ends the test of the hook.
 *
 * @throws what `startDaemons` of `withdaemon` throws.
 */
export async function startDaemons<const G extends DaemonGroup>(
	group: G & Checked<G>,
	options: GroupOptions = {},
): Promise<RunningGroup<G> & AsyncDisposable> {
	return await seenFromCallOf(startDaemons, () => start<G>(group, options));
}

async function start<const G extends DaemonGroup>(
	group: G & Checked<G>,
	options: GroupOptions,
): Promise<RunningGroup<G> & AsyncDisposable> {
	const test = await runningTest();
	if (!test) return await startInHook<G>(group, options);
	let isInHook = false;
	const begin = (signal: AbortSignal, isOver: AbortSignal) =>
		core.startDaemons<G>(
			group,
			within(test, options, signal, () => !isInHook && !isOver.aborted),
		);
	const { started, end } = await startInTest(test, options.signal, NO_LIMIT, begin, Object.values<RunningDaemon>);
	return withDisposal<G>(started, () =>
		end(async () => {
			// In a hook other limits hold.
			isInHook ||= (await runningTest()) !== test;
		}),
	);
}

async function startInHook<const G extends DaemonGroup>(
	group: G & Checked<G>,
	options: GroupOptions,
): Promise<RunningGroup<G> & AsyncDisposable> {
	const daemons = await core.startDaemons<G>(group, options);
	const test = await testOfHook();
	if (!test) return daemons;
	const members = Object.values<RunningDaemon>(daemons);
	const holdLogs = showLogsIfFailed(test, members);
	const isTold = endAtDeaths(test, members);
	test.context.onTestFinished(() => void isTold());
	return withDisposal<G>(daemons, async () => {
		holdLogs();
		await daemons[Symbol.asyncDispose]();
	});
}

/** In vitest a limit of 0 means no limit: each member has limits of its own. */
const NO_LIMIT = 0;

/** The options of a group that is ready before its test is over, and whose end in the test is over before it, too. */
function within(test: Test, options: GroupOptions, signal: AbortSignal, isInTest: () => boolean): GroupOptions {
	const { startupTimeout = Number.POSITIVE_INFINITY, onChange } = options;
	// Wrong options are refused there.
	if (typeof startupTimeout !== 'number' || typeof (onChange ?? within) !== 'function') return options;
	return {
		...options,
		signal,
		startupTimeout: Math.min(startupTimeout, startShareOf(test)),
		onChange: change => {
			const { state, daemon } = change;
			// Members may end one after the other: each gets a share of what is left then.
			if (state === 'stopping' && daemon && isInTest() && !test.context.signal?.aborted) shortenShutdown(daemon, test);
			onChange?.(change);
		},
	};
}

function withDisposal<G extends DaemonGroup>(
	daemons: RunningGroup<G> & AsyncDisposable,
	end: () => Promise<void>,
): RunningGroup<G> & AsyncDisposable {
	const dispose = async (): Promise<void> => await seenFromCallOf(dispose, end);
	// The method of the group cannot be replaced.
	return Object.defineProperty(Object.assign(Object.create(null), daemons), Symbol.asyncDispose, { value: dispose });
}
