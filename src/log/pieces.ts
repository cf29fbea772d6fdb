/** The bytes of a log as they come. They end even if the log grows faster than it can be read. */
import { nextTurn, now } from '../time/clock.ts';
import { settlesWithin } from '../time/deadline.ts';
import type { LogReader } from './reader.ts';
import type { LogWatcher } from './watcher.ts';

/** An unfinished line or character is taken as it is when nothing was added for this long. */
const REST_MS = 20;
/** When the time is over, what was written before is still read for this long. */
const LAST_LOOK_MS = 100;
/** A log is read for this long before the rest of the process has its turn. */
const TURN_MS = 2;

/** When reading stops. */
export interface PiecesEnd {
	/** After its abort only what is there by then is read. */
	readonly signal: AbortSignal;
	/** After its abort even that is only read for a moment. */
	readonly hurry?: AbortSignal | undefined;
	/** Whether it matters that nothing was added for a moment: then a piece without bytes is yielded. */
	readonly asksForRest?: (() => boolean) | undefined;
	/** Gets the number of bytes that were left unread. */
	readonly onUnread?: ((bytes: number) => void) | undefined;
}

/** Not a generator, which would take several turns of promises for each piece. */
export class Pieces implements AsyncIterableIterator<Buffer> {
	readonly #reader: LogReader;
	readonly #watcher: LogWatcher;
	readonly #end: PiecesEnd;
	/** Whether only what is there by now is read. */
	#isOver = false;
	#turnBeganAt = now();
	#lastLookEndsAt: number | undefined;
	/** Settles when the log has changed, if all of it was read. */
	#news: Promise<void> | undefined;

	/** The caller closes the reader and the watcher. */
	constructor(reader: LogReader, watcher: LogWatcher, end: PiecesEnd) {
		this.#reader = reader;
		this.#watcher = watcher;
		this.#end = end;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	/** New bytes, which are valid until the next call. To wait for them does not keep the event loop alive. */
	async next(): Promise<IteratorResult<Buffer, undefined>> {
		const { signal, asksForRest } = this.#end;
		const reader = this.#reader;
		if (!(await this.#hasTime())) return { value: undefined, done: true };
		for (;;) {
			if (this.#news === undefined) {
				if (signal.aborted && !this.#isOver) {
					this.#isOver = true;
					reader.stopHere();
				}
				const piece = reader.read();
				if (piece.length > 0) return { value: piece, done: false };
				if (this.#isOver)
					return reader.holdsBack ? { value: reader.readHeldBack(), done: false } : { value: undefined, done: true };
				this.#news = this.#watcher.next(signal).catch(error => {
					if (!signal.aborted) throw error;
				});
				const matters = reader.holdsBack || asksForRest?.();
				if (matters && !(await settlesWithin(this.#news, REST_MS)))
					return { value: reader.readHeldBack(), done: false };
			}
			await this.#news;
			this.#news = undefined;
		}
	}

	/** Whether there is time for another piece. The rest of the process gets its turn if the last one was long. */
	async #hasTime(): Promise<boolean> {
		const { hurry, onUnread } = this.#end;
		if (hurry?.aborted) this.#lastLookEndsAt ??= now() + LAST_LOOK_MS;
		if (this.#lastLookEndsAt !== undefined && now() > this.#lastLookEndsAt) {
			onUnread?.(this.#reader.unread());
			return false;
		}
		if (now() - this.#turnBeganAt < TURN_MS) return true;
		await nextTurn();
		this.#turnBeganAt = now();
		return true;
	}
}
