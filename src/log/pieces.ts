/** The text of a log as it comes, with an end however fast the log grows. */
import { nextTurn, now } from '../time/clock.ts';
import { keepAlive, settlesWithin } from '../time/deadline.ts';
import type { LogReader } from './reader.ts';
import type { LogWatcher } from './watcher.ts';

/** How long an unfinished line, or character, has to be silent before it is taken as it is. */
export const REST_MS = 20;
/** When the time is over, what was written before is looked at for as long. */
const LAST_LOOK_MS = 100;

/** When to stop. */
export interface PiecesEnd {
	/** From its abort on only what is there by then is read. */
	readonly signal: AbortSignal;
	/** From its abort on that is not read to its end either, if it takes longer than a moment. */
	readonly hurry?: AbortSignal | undefined;
	/** Is told how many bytes were left unread. */
	readonly onUnread?: ((bytes: number) => void) | undefined;
}

/** New text as it comes. Closes neither reader nor watcher. */
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
