/**
 * The clocks and the timer that a test cannot fake, not even in a setup file that runs before this library is imported.
 */
import { scheduler } from 'node:timers/promises';
import { vm } from '../builtins.ts';

// Fake timers replace `setTimeout`, `Date` and the like, both the globals and the exports of `node:timers` and its
// promises. They leave the methods of prototypes alone, and these call the timers inside Node.
const { wait, yield: turn }: typeof scheduler = Object.getPrototypeOf(scheduler);
// Nothing fakes this one, and `performance` takes a ms to load.
const uptime = process.uptime;

/** The longest time that a timer of Node can run: 24 days. Node replaces a larger number by 1. */
export const LONGEST_MS = 2 ** 31 - 1;

export interface SleepOptions {
	/** Ends the sleep early, with an AbortError. */
	readonly signal?: AbortSignal;
	/** Whether the sleep keeps the event loop alive. Defaults to true. */
	readonly ref?: boolean;
}

/** Waits for this many ms, but for {@link LONGEST_MS} at most. */
export async function sleep(ms: number, options: SleepOptions = {}): Promise<void> {
	await wait.call(scheduler, Math.min(ms, LONGEST_MS), options);
}

/** A sleep that can be ended. */
export interface Sleep {
	/** Resolves to whether its time is over, or to false when it was ended. */
	readonly over: Promise<boolean>;
	end(): void;
}

/** Begins to sleep, which keeps the event loop alive. */
export function beginSleep(ms: number): Sleep {
	let end = () => {};
	// Node uses no more of an AbortSignal than this. A real one takes several times as long to make and to abort.
	const signal: Pick<AbortSignal, 'aborted' | 'addEventListener' | 'removeEventListener'> = {
		aborted: false,
		addEventListener: (_: string, listener: unknown) => {
			end = listener as () => void;
		},
		removeEventListener: () => {},
	};
	const over = wait.call(scheduler, Math.min(ms, LONGEST_MS), { signal: signal as AbortSignal }).then(
		() => true,
		() => false,
	);
	return { over, end: () => end() };
}

/** Resolves when the event loop has done all the work that is pending now. */
export async function nextTurn(): Promise<void> {
	await turn.call(scheduler);
}

/** Ms since this process was started. It never jumps. */
export function now(): number {
	return uptime() * 1000;
}

let realDate: DateConstructor | undefined;

/** Ms since the epoch, as in the time stamps of files. Fake timers cannot replace the `Date` of another realm. */
export function wallClock(): number {
	realDate ??= vm().runInNewContext('Date') as DateConstructor;
	return realDate.now();
}
