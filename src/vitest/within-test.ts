/** Keeps what daemons do within the time that is left of the running test, and what a test began within the test. */
import { LONGEST_MS } from '../time/clock.ts';
import { remainingMs } from './running-test.ts';
import type { Test } from './test-run.ts';

/** What force, a look for survivors and the error need on a busy machine. Of a test with little time left, they get half. */
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

/** A test has no signal before vitest 3.2. */
export function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
	return AbortSignal.any(signals.filter(signal => signal !== undefined));
}

/**
 * Handles the error of a start whose test was over first, so that nobody else can report it. If the start was given up
 * with its test, that is no news.
 */
export function unlessGivenUp({ reason }: AbortSignal): (error: unknown) => undefined {
	return error => {
		if (error === reason || (error instanceof Error && error.cause === reason)) return undefined;
		throw error;
	};
}
