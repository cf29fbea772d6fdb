/** Keeps what daemons do within the time that is left of the running test, and what a test began within the test. */
import { showLogIfFailed } from '../hooks/show-log.ts';
import type { RunningDaemon } from '../index.ts';
import { LONGEST_MS } from '../time/clock.ts';
import { hooked } from './hooked-test.ts';
import { remainingMs } from './running-test.ts';
import { endAtDeath, isLeft, type Test } from './test-run.ts';

/**
 * The time that force, a look for survivors and the error need on a busy machine. If a test has little time left, they
 * get half of it.
 */
const FORCE_MS = 2000;

/** Four fifths of the time that is left of the test. */
export const startShareOf = (test: Test): number => toLimit(remainingMs(test) * 0.8);

/** Called right before the daemon is ended in the test: then its error comes before the test's time is over. */
export function shortenShutdown(daemon: { shutdownTimeout: number }, test: Test): void {
	const left = remainingMs(test);
	const forAsking = Math.max(left * 0.5, Math.min(left * 0.8, left - FORCE_MS));
	daemon.shutdownTimeout = Math.min(daemon.shutdownTimeout, toLimit(forAsking));
}

const toLimit = (ms: number) => Math.max(1, Math.floor(Math.min(ms, LONGEST_MS)));

/** @returns holds the logs; call it before the daemons are ended. */
export function showLogsIfFailed(test: Test, daemons: readonly RunningDaemon[]): () => void {
	// The runner asks for the last one first.
	const holds = daemons.toReversed().map(daemon => showLogIfFailed(hooked(test), daemon, true));
	return () => {
		for (const hold of holds) hold();
	};
}

/** @returns ends that, and tells whether the test has failed with a death. */
export function endAtDeaths(test: Test, daemons: readonly RunningDaemon[]): () => boolean {
	const watched = daemons.map(daemon => endAtDeath(test, daemon));
	return () => watched.map(isTold => isTold()).includes(true);
}

/**
 * Does `work` for the function of a test. If the test is over first, its end waits for the work, for `limitMs` at most,
 * and reports the error that the function cannot hear any more.
 *
 * @param work gets a signal that also aborts when the test is over or its time has passed, and one that only aborts
 * when the test is over.
 */
export async function untilOver<T>(
	test: Test,
	given: AbortSignal | undefined,
	limitMs: number,
	work: (signal: AbortSignal, isOver: AbortSignal) => Promise<T>,
): Promise<T> {
	const over = new AbortController();
	const signal = anyOf(given, test.context.signal, over.signal);
	const running = work(signal, over.signal);
	const isUnheard = whileUnheard(test, running);
	test.context.onTestFinished(async () => {
		over.abort(new DOMException('the test ended without waiting for this: is an `await` missing?', 'AbortError'));
		if (isUnheard()) await running.catch(error => error === signal.reason || Promise.reject(error));
	}, limitMs);
	return await running;
}

interface Started<D> {
	readonly started: D;
	/** Ends it at the request of the test's function; calls `before` first. */
	end(before: () => Promise<void>): Promise<void>;
}

/**
 * Starts what the function of the test has to end. If that leaves it, as its time has passed or a daemon has died, the
 * end of the test ends it, and reports what the function cannot hear any more.
 */
export async function startInTest<D extends AsyncDisposable>(
	test: Test,
	given: AbortSignal | undefined,
	limitMs: number,
	begin: (signal: AbortSignal, isOver: AbortSignal) => Promise<D>,
	daemonsOf: (started: D) => readonly RunningDaemon[],
): Promise<Started<D>> {
	const over = new AbortController();
	const signal = anyOf(given, test.context.signal);
	let isTold = () => false;
	let holdLogs = () => {};
	// The logs are held before the daemons hear of the abort, and end.
	signal.addEventListener('abort', () => holdLogs(), { once: true });
	const starting = begin(signal, over.signal);
	const isStartUnheard = whileUnheard(test, starting);
	let ending = Promise.resolve();
	let isEndUnheard = () => false;
	test.context.onTestFinished(async () => {
		over.abort();
		if (!isTold() && !test.context.signal?.aborted) return;
		const begun = isEndUnheard() ? ending : undefined;
		const left = await starting.catch(isStartUnheard() ? unlessGivenUp(signal) : () => undefined);
		holdLogs();
		await left?.[Symbol.asyncDispose]();
		await begun;
	}, limitMs);
	const started = await starting;
	const dispose = started[Symbol.asyncDispose].bind(started);
	holdLogs = showLogsIfFailed(test, daemonsOf(started));
	isTold = endAtDeaths(test, daemonsOf(started));
	const endAfter = async (before: () => Promise<void>) => {
		holdLogs();
		await before();
		await dispose();
	};
	const end = async (before: () => Promise<void>) => {
		ending = endAfter(before);
		isEndUnheard = whileUnheard(test, ending);
		await ending;
	};
	return { started, end };
}

/** @returns whether the function of the test has not heard how `promise` settled: not yet, or it is over. */
function whileUnheard(test: Test, promise: Promise<unknown>): () => boolean {
	let isUnheard = true;
	const settle = () => {
		isUnheard = isLeft() || test.context.signal?.aborted === true;
	};
	promise.then(settle, settle);
	return () => isUnheard;
}

/** A test has no signal before vitest 3.2. */
function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
	return AbortSignal.any(signals.filter(signal => signal !== undefined));
}

/**
 * Handles the error of a start whose test was over first, so that nobody else can report it. If the start was given up
 * with its test, that is no news.
 */
function unlessGivenUp({ reason }: AbortSignal): (error: unknown) => undefined {
	return error => {
		if (error === reason || (error instanceof Error && error.cause === reason)) return undefined;
		throw error;
	};
}
