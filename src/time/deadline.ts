/** One budget per operation: every wait inside it shares the same clock. */
import { once } from 'node:events';

// Taken when the library is imported: a test that fakes the timers later means its own, not those that guard a daemon.
const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;

/** The longest that a timer of Node can run: 24 days. It takes a larger number for 1. */
export const LONGEST_MS = 2 ** 31 - 1;

export class Deadline {
	readonly ms: number;
	readonly #controller = new AbortController();
	readonly #timer: NodeJS.Timeout;

	constructor(ms: number) {
		this.ms = ms;
		this.#timer = setTimeout(() => this.#controller.abort(), Math.min(ms, LONGEST_MS));
	}

	/** Aborts when the time is over. */
	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	/** The operation is over: the timer no longer keeps the event loop alive. */
	clear(): void {
		clearTimeout(this.#timer);
	}
}

/** Settles as `work` does, or rejects with the signal's reason if that comes first. Leaves no listener behind. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
	const { promise: aborted, reject } = deferred<never>();
	const abort = () => reject(signal.reason);
	if (signal.aborted) abort();
	signal.addEventListener('abort', abort, { once: true });
	try {
		return await Promise.race([work, aborted]);
	} finally {
		signal.removeEventListener('abort', abort);
	}
}

/** Resolves when the signal is aborted. */
export async function whenAborted(signal: AbortSignal): Promise<void> {
	if (!signal.aborted) await once(signal, 'abort');
}

/** Resolves to true as soon as `work` has settled, or to false when `ms` have passed. */
export async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
	const deadline = new Deadline(ms);
	try {
		await unlessAborted(work, deadline.signal);
		return true;
	} catch (error) {
		if (deadline.signal.aborted) return false;
		throw error;
	} finally {
		deadline.clear();
	}
}

/** As `work`; and until it has settled the event loop stays alive, whatever the work itself waits for. */
export async function keepAlive<T>(work: Promise<T>): Promise<T> {
	const timer = setInterval(() => {}, LONGEST_MS);
	try {
		return await work;
	} finally {
		clearInterval(timer);
	}
}

export interface Deferred<T> {
	readonly promise: Promise<T>;
	readonly resolve: (value: T) => void;
	readonly reject: (reason: unknown) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. A rejection that nobody waits for is no crash. */
export function deferred<T>(): Deferred<T> {
	let resolve!: (value: T) => void;
	let reject!: (reason: unknown) => void;
	const promise = new Promise<T>((onResolve, onReject) => {
		resolve = onResolve;
		reject = onReject;
	});
	promise.catch(() => {});
	return { promise, resolve, reject };
}
