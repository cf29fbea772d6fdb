/** Yields the text of a log as it comes, and stops even if the log grows faster than it can be read. */
import { nextTurn, now } from '../time/clock.ts';
import { keepAlive, settlesWithin } from '../time/deadline.ts';
import type { LogReader } from './reader.ts';
import type { LogWatcher } from './watcher.ts';

/** An unfinished line or character is taken as it is when nothing was added for this long. */
export const REST_MS = 20;
/** When the time is over, what was written before is still read for this long. */
const LAST_LOOK_MS = 100;

/** When reading stops. */
export interface PiecesEnd {
	/** After its abort only what is there by then is read. */
	readonly signal: AbortSignal;
	/** After its abort even that is only read for a moment. */
	readonly hurry?: AbortSignal | undefined;
	/** Gets the number of bytes that were left unread. */
	readonly onUnread?: ((bytes: number) => void) | undefined;
}

/** Yields new text as it comes. The caller closes the reader and the watcher. */
export async function* readPieces(
	reader: LogReader,
	watcher: LogWatcher,
	{ signal, hurry, onUnread }: PiecesEnd,
): AsyncGenerator<string, void, undefined> {
	let isOver = false;
	let lastLookEndsAt: number | undefined;
	for (;;) {
		if (signal.aborted && !isOver) {
			isOver = true;
			reader.stopHere();
		}
		const piece = reader.read();
		if (piece !== '') {
			yield piece;
			if (hurry?.aborted) lastLookEndsAt ??= now() + LAST_LOOK_MS;
			if (lastLookEndsAt !== undefined && now() > lastLookEndsAt) return onUnread?.(reader.unread());
			await nextTurn();
			continue;
		}
		if (isOver) {
			if (reader.holdsBack) yield reader.readHeldBack();
			return;
		}
		const news = keepAlive(watcher.next(signal)).catch(error => {
			if (!signal.aborted) throw error;
		});
		if (reader.holdsBack && !(await settlesWithin(news, REST_MS))) yield reader.readHeldBack();
		await news;
	}
}
