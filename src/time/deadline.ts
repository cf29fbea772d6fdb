/** One budget per operation: every wait inside it shares the same clock. */
import { once } from 'node:events';
import { LONGEST_MS, now, sleep } from './clock.ts';

/** A time limit of the user's is extended to this many times itself at most. */
export const MOST_EXTENDED = 2;

export class Deadline {
	/** The time that was given. */
	readonly givenMs: number;
	readonly #since: number;
	#ms: number;
	readonly #controller = new AbortController();
	readonly #cleared = new AbortController();

	/** `since` lets the time count from an earlier moment, in ms of `now()`. */
	constructor(ms: number, since: number = now()) {
		this.givenMs = ms;
		this.#ms = ms;
		this.#since = since;
		const end = () => this.#controller.abort();
		this.#pass().then(end, () => {
			// The deadline was cleared.
		});
	}

	/** The time until its end, with all extensions. */
	get ms(): number {
		return this.#ms;
	}

	/** Lets it end no sooner than this many ms from now, but after {@link MOST_EXTENDED} times its time at the latest. */
	extend(ms: number): void {
		if (this.signal.aborted) return;
		const wanted = Math.round(now() + ms - this.#since);
		this.#ms = Math.max(this.#ms, Math.min(wanted, this.givenMs * MOST_EXTENDED));
	}

	async #pass(): Promise<void> {
		const left = () => this.#since + this.#ms - now();
		do await sleep(Math.max(0, left()), { signal: this.#cleared.signal });
		while (left() > 0);
	}

	/** Aborts when the time is over. */
	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	/** The operation is over: the timer no longer keeps the event loop alive. */
	clear(): void {
		this.#cleared.abort();
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
		// Promises that never settle count as leaks, as with `vitest --detect-async-leaks`.
		reject(undefined);
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

/** Settles as `work` does, and keeps the event loop alive until then. */
export async function keepAlive<T>(work: Promise<T>): Promise<T> {
	const settled = new AbortController();
	sleep(LONGEST_MS, { signal: settled.signal }).catch(() => {
		// The work has settled.
	});
	try {
		return await work;
	} finally {
		settled.abort();
	}
}

export interface Deferred<T> {
	readonly promise: Promise<T>;
	readonly resolve: (value: T) => void;
	readonly reject: (reason: unknown) => void;
}

/**
 * Like `Promise.withResolvers`, which Node 20 does not have; but a rejection that nobody handles does not crash Node.
 */
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
