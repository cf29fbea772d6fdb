/** `withDaemons` and `startDaemons` for tests of vitest: a group stays within the time of its test, and ends with it. */
import { seenFromCallOf } from '../call-site.ts';
import type { Checked } from '../group/member.ts';
import { showLogIfFailed } from '../hooks/show-log.ts';
import type { DaemonGroup, GroupOptions, RunningDaemon, RunningGroup } from '../index.ts';
import * as core from '../index.ts';
import { hooked } from './hooked-test.ts';
import { runningTest, testOfHook } from './running-test.ts';
import { endAtDeath, type Test } from './test-run.ts';
import { anyOf, shortenShutdown, startShareOf, unlessGivenUp } from './within-test.ts';

type Use<G extends DaemonGroup, T> = (
	daemons: RunningGroup<G>,
	context: { readonly signal: AbortSignal; readonly exports: Readonly<Record<string, string>> },
) => T | Promise<T>;

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
	fn: Use<G, T>,
	options: GroupOptions = {},
): Promise<T> {
	return await seenFromCallOf(withDaemons, () => run<G, T>(group, fn, options));
}

async function run<const G extends DaemonGroup, T>(
	group: G & Checked<G>,
	fn: Use<G, T>,
	options: GroupOptions,
): Promise<T> {
	const test = await runningTest();
	// Without a function it is refused there.
	if (!test || typeof fn !== 'function') return await core.withDaemons<G, T>(group, fn, options);
	const isOver = new AbortController();
	const signal = anyOf(options.signal, test.context.signal, isOver.signal);
	let isPending = true;
	let holdLogs = () => {};
	// Before the members hear of it, and end.
	signal.addEventListener('abort', () => holdLogs(), { once: true });
	const use: Use<G, T> = async (daemons, context) => {
		holdLogs = showLogsIfFailed(test, daemons);
		// A death ends the group although the function goes on.
		context.signal.addEventListener('abort', holdLogs, { once: true });
		try {
			return await fn(daemons, context);
		} finally {
			holdLogs();
		}
	};
	const limited = within(test, options, signal, () => !isOver.signal.aborted);
	const running = core.withDaemons<G, T>(group, use, limited).finally(() => {
		isPending = false;
	});
	test.context.onTestFinished(async () => {
		isOver.abort();
		if (isPending) await running.catch(error => error === signal.reason || Promise.reject(error));
	}, NO_LIMIT);
	return await running;
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
	const signal = anyOf(options.signal, test.context.signal);
	let isInTest = true;
	let isTold = () => false;
	let holdLogs = () => {};
	// Before the members hear of it, and end.
	signal.addEventListener('abort', () => holdLogs(), { once: true });
	const limited = within(test, options, signal, () => isInTest);
	let isPending = true;
	const starting = core.startDaemons<G>(group, limited).finally(() => {
		isPending = false;
	});
	test.context.onTestFinished(async () => {
		isInTest = false;
		// Its function was left, and does not end the group.
		if (!isTold() && !test.context.signal?.aborted) return;
		const daemons = await starting.catch(isPending ? unlessGivenUp(signal) : () => undefined);
		holdLogs();
		await daemons?.[Symbol.asyncDispose]();
	}, NO_LIMIT);
	const daemons = await starting;
	holdLogs = showLogsIfFailed(test, daemons);
	isTold = endAtDeaths(test, daemons);
	return beforeDisposal<G>(daemons, async () => {
		holdLogs();
		// In a hook other limits hold.
		isInTest &&= (await runningTest()) === test;
	});
}

async function startInHook<const G extends DaemonGroup>(
	group: G & Checked<G>,
	options: GroupOptions,
): Promise<RunningGroup<G> & AsyncDisposable> {
	const daemons = await core.startDaemons<G>(group, options);
	const test = await testOfHook();
	if (!test) return daemons;
	const holdLogs = showLogsIfFailed(test, daemons);
	const isTold = endAtDeaths(test, daemons);
	test.context.onTestFinished(() => void isTold());
	return beforeDisposal<G>(daemons, async () => holdLogs());
}

/** In vitest a limit of 0 means no limit: each member has limits of its own. */
const NO_LIMIT = 0;

/** The options of a group that is ready before its test is over, and whose end in the test is over before it, too. */
function within(test: Test, options: GroupOptions, signal: AbortSignal, isInTest: () => boolean): GroupOptions {
	const { startupTimeout = Number.POSITIVE_INFINITY, onChange } = options;
	// They are refused there.
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

/** @returns holds the logs; call it before the members are ended. */
function showLogsIfFailed(test: Test, daemons: Readonly<Record<string, RunningDaemon>>): () => void {
	// The runner asks for the last one first.
	const holds = Object.values(daemons)
		.toReversed()
		.map(daemon => showLogIfFailed(hooked(test), daemon, true));
	return () => {
		for (const hold of holds) hold();
	};
}

/** @returns ends that, and tells whether the test has failed with a death. */
function endAtDeaths(test: Test, daemons: Readonly<Record<string, RunningDaemon>>): () => boolean {
	const watched = Object.values(daemons).map(daemon => endAtDeath(test, daemon));
	return () => watched.map(isTold => isTold()).includes(true);
}

function beforeDisposal<G extends DaemonGroup>(
	daemons: RunningGroup<G> & AsyncDisposable,
	work: () => Promise<void>,
): RunningGroup<G> & AsyncDisposable {
	const dispose = async (): Promise<void> => {
		await seenFromCallOf(dispose, async () => {
			await work();
			await daemons[Symbol.asyncDispose]();
		});
	};
	// That of the group cannot be replaced.
	return Object.defineProperty(Object.assign(Object.create(null), daemons), Symbol.asyncDispose, { value: dispose });
}
