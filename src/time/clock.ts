/** The clocks and the timer that a test cannot fake, not even in a setup file that runs before this library is imported. */
import { performance } from 'node:perf_hooks';
import { scheduler } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';

// Fake timers replace `setTimeout`, `Date` and their like as globals, and in `node:timers` and its promises too. What they
// leave alone are the methods of prototypes: they call the timers inside Node, whatever has become of the exported ones.
const { wait, yield: turn }: typeof scheduler = Object.getPrototypeOf(scheduler);
const { now: elapsed }: typeof performance = Object.getPrototypeOf(performance);

/** The longest that a timer of Node can run: 24 days. It takes a larger number for 1. */
export const LONGEST_MS = 2 ** 31 - 1;

export interface SleepOptions {
	/** Ends the sleep early, with an AbortError. */
	readonly signal?: AbortSignal;
	/** Whether the event loop stays alive for it: by default it does. */
	readonly ref?: boolean;
}

/** Waits for so many ms, {@link LONGEST_MS} at most. */
export async function sleep(ms: number, options: SleepOptions = {}): Promise<void> {
	await wait.call(scheduler, Math.min(ms, LONGEST_MS), options);
}

/** Resolves when all that the event loop has at hand is done. */
export async function nextTurn(): Promise<void> {
	await turn.call(scheduler);
}

/** Ms since this process was started. It never jumps. */
export function now(): number {
	return elapsed.call(performance);
}

let realDate: DateConstructor | undefined;

/** Ms since the epoch, as in the time stamps of files. The `Date` of another realm is nobody's to replace. */
export function wallClock(): number {
	realDate ??= runInNewContext('Date') as DateConstructor;
	return realDate.now();
}
