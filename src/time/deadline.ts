/** One budget per operation: every wait inside it shares the same clock. */
import { once } from 'node:events';
import { beginSleep, LONGEST_MS, now, type Sleep } from './clock.ts';

/** A time limit of the user's is extended to this many times itself at most. */
export const MOST_EXTENDED = 2;

export class Deadline {
	/** The time that was given. */
	readonly givenMs: number;
	readonly #since: number;
	readonly #others: readonly AbortSignal[];
	#ms: number;
	#isOver = false;
	#isCleared = false;
	readonly #controller = new AbortController();
	#sleep: Sleep;

	/**
	 * @param since lets the time count from an earlier moment, in ms of `now()`.
	 * @param others end the operation too: {@link signal} aborts when the first of them does, with its reason.
	 */
	constructor(ms: number, since: number = now(), ...others: readonly AbortSignal[]) {
		this.givenMs = ms;
		this.#ms = ms;
		this.#since = since;
		this.#others = others;
		for (const other of others) whenever(other, this.#endWith);
		this.#sleep = this.#beginSleep();
	}

	/** The time until its end, with all extensions. */
	get ms(): number {
		return this.#ms;
	}

	/** Lets it end no sooner than this many ms from now, but after {@link MOST_EXTENDED} times its time at the latest. */
	extend(ms: number): void {
		if (this.#isOver) return;
		const wanted = Math.round(now() + ms - this.#since);
		this.#ms = Math.max(this.#ms, Math.min(wanted, this.givenMs * MOST_EXTENDED));
	}

	#beginSleep(): Sleep {
		const left = () => this.#since + this.#ms - now();
		const sleep = beginSleep(Math.max(0, left()));
		void sleep.over.then(isOver => {
			if (!isOver || this.#isCleared) return;
			if (left() > 0) {
				// It was extended, or is longer than a timer can run.
				this.#sleep = this.#beginSleep();
				return;
			}
			this.#isOver = true;
			this.#controller.abort();
		});
		return sleep;
	}

	/** Whether the time is over. */
	get isOver(): boolean {
		return this.#isOver;
	}

	/** Aborts when the time is over. */
	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	/** Call this when the operation is over: then the timer no longer keeps the event loop alive. */
	clear(): void {
		this.#isCleared = true;
		for (const other of this.#others) other.removeEventListener('abort', this.#endWith);
		this.#sleep.end();
	}

	readonly #endWith = (): void => {
		this.#controller.abort(this.#others.find(({ aborted }) => aborted)?.reason);
	};
}

let over: DOMException | undefined;

/** The reason for ending what is no longer needed. It is made once, as each error would take longer than the rest. */
function reasonOver(): DOMException {
	over ??= new DOMException('It is no longer needed', 'AbortError');
	return over;
}

/** Calls `listener` when the signal aborts; at once if it already has. */
function whenever(signal: AbortSignal, listener: () => void): void {
	if (signal.aborted) listener();
	else signal.addEventListener('abort', listener, { once: true });
}

/** A part of an operation that can be ended by itself, and is ended by the operation's signal. */
export class Part {
	readonly #whole: AbortSignal;
	readonly #controller = new AbortController();

	constructor(whole: AbortSignal) {
		this.#whole = whole;
		whenever(whole, this.#endWithWhole);
	}

	/** Aborts when the part or the whole is over. */
	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	end(): void {
		this.#whole.removeEventListener('abort', this.#endWithWhole);
		this.#controller.abort(reasonOver());
	}

	readonly #endWithWhole = (): void => this.#controller.abort(this.#whole.reason);
}

/** Settles as `work` does, or rejects with the signal's reason if that comes first. Leaves no listener behind. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
	let abort = () => {};
	// Every promise here settles: one that never does counts as a leak, as with `vitest --detect-async-leaks`.
	const settled = new Promise<T>((resolve, reject) => {
		work.then(resolve, reject);
		abort = () => reject(signal.reason);
	});
	if (signal.aborted) await Promise.resolve().then(abort);
	else signal.addEventListener('abort', abort, { once: true });
	try {
		return await settled;
	} finally {
		signal.removeEventListener('abort', abort);
	}
}

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
	const { end } = beginSleep(LONGEST_MS);
	try {
		return await work;
	} finally {
		end();
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
