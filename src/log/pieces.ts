/** Yields the bytes of a log as they come, and stops even if the log grows faster than it can be read. */
import { nextTurn, now } from '../time/clock.ts';
import { keepAlive, settlesWithin } from '../time/deadline.ts';
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
	/** Whether it matters that nothing was added for a moment: then no bytes are yielded. */
	readonly asksForRest?: (() => boolean) | undefined;
	/** Gets the number of bytes that were left unread. */
	readonly onUnread?: ((bytes: number) => void) | undefined;
}

/** Yields new bytes as they come; they are valid until the next ones. The caller closes the reader and the watcher. */
export async function* readPieces(
	reader: LogReader,
	watcher: LogWatcher,
	{ signal, hurry, asksForRest, onUnread }: PiecesEnd,
): AsyncGenerator<Buffer, void, undefined> {
	let isOver = false;
	let turnBeganAt = now();
	let lastLookEndsAt: number | undefined;
	for (;;) {
		if (signal.aborted && !isOver) {
			isOver = true;
			reader.stopHere();
		}
		const piece = reader.read();
		if (piece.length > 0) {
			yield piece;
			if (hurry?.aborted) lastLookEndsAt ??= now() + LAST_LOOK_MS;
			if (lastLookEndsAt !== undefined && now() > lastLookEndsAt) return onUnread?.(reader.unread());
			if (now() - turnBeganAt < TURN_MS) continue;
			await nextTurn();
			turnBeganAt = now();
			continue;
		}
		if (isOver) {
			if (reader.holdsBack) yield reader.readHeldBack();
			return;
		}
		const news = keepAlive(watcher.next(signal)).catch(error => {
			if (!signal.aborted) throw error;
		});
		const matters = reader.holdsBack || asksForRest?.();
		if (matters && !(await settlesWithin(news, REST_MS))) yield reader.readHeldBack();
		await news;
		turnBeganAt = now();
	}
}
