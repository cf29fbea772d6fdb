/** Reads the log of a released daemon, line by line, and goes on as long as it runs. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { whenGone } from '../launch/daemon-process.ts';
import { hasCode } from '../os/errno.ts';
import { keepAlive, whenAborted } from '../time/deadline.ts';
import { logOf } from './end.ts';
import type { Released } from './find.ts';

export interface FollowOptions {
	/** How many of the lines that are there already; undefined for all since the start. */
	readonly last: number | undefined;
	/** Whether to go on until the daemon has ended. */
	readonly follow: boolean;
	/** Its abort ends the reading. */
	readonly signal: AbortSignal;
}

/** Yields the lines without colours. Rotation and truncation are followed. Empty if there is no log to read. */
export async function* followLog(released: Released, options: FollowOptions): AsyncGenerator<string, void, undefined> {
	const { log } = released.record;
	if (log === undefined) return;
	const { last, follow, signal } = options;
	const offset = last === undefined ? log.offset : Math.max(log.offset, offsetOfLast(log.path, last));
	const over = follow
		? keepAlive(Promise.race([whenGone(released.launched.identity), whenAborted(signal)]))
		: Promise.resolve();
	yield* logOf({ path: log.path, offset }, () => over).follow();
}

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 10;

/** Where the last lines of a file begin. The file may be larger than the memory. */
function offsetOfLast(path: string, lines: number): number {
	const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
	if (size === 0 || lines === 0) return size;
	let file: number;
	try {
		file = openSync(path, 'r');
	} catch (error) {
		if (hasCode(error, 'ENOENT')) return 0;
		throw error;
	}
	try {
		let missing = lines;
		for (let end = size; end > 0; end -= CHUNK_BYTES) {
			const from = Math.max(0, end - CHUNK_BYTES);
			const buffer = Buffer.alloc(end - from);
			readSync(file, buffer, 0, buffer.length, from);
			// The line break at the end of the file ends the last line, and begins no other one.
			for (let at = end === size ? buffer.length - 2 : buffer.length - 1; at >= 0; at -= 1) {
				if (buffer[at] !== NEWLINE) continue;
				missing -= 1;
				if (missing === 0) return from + at + 1;
			}
		}
		return 0;
	} finally {
		closeSync(file);
	}
}
