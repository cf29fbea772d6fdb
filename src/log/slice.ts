/** What a daemon logs from one moment on, such as during a test. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { type LogPosition, offsetSince } from './position.ts';
import { describeLines, toLines } from './show.ts';

interface LogText {
	readonly text: string;
	/** How many bytes of the slice come before the text. */
	readonly omittedBytes: number;
}

/** A slice as it is shown below a heading. */
export interface ShownSlice extends LogText {
	/** The last lines, each behind a bar. */
	readonly lines: readonly string[];
	/** How many lines the text has. */
	readonly count: number;
}

/** What is read of a slice at most, to be shown. */
const SHOWN_BYTES = 4 * 1024 * 1024;

export class LogSlice {
	readonly #from: LogPosition;
	#held: number | undefined;

	constructor(from: LogPosition) {
		this.#from = from;
	}

	/** Call this before the log is removed, and {@link close} later: until then it can still be read. */
	hold(): void {
		this.#held ??= openLog(this.#from.path);
	}

	/** The last bytes at most. */
	read(bytes: number): LogText {
		const file = this.#held ?? openLog(this.#from.path);
		if (file === undefined) return { text: '', omittedBytes: 0 };
		try {
			const { size } = fstatSync(file);
			const begin = offsetSince(this.#from, file);
			const from = Math.max(begin, size - bytes);
			const buffer = Buffer.allocUnsafe(Math.max(0, size - from));
			const text = buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, from));
			return { text, omittedBytes: from - begin };
		} finally {
			if (file !== this.#held) closeSync(file);
		}
	}

	/** @param count the number of lines at most. */
	show(count: number): ShownSlice {
		const { text, omittedBytes } = this.read(SHOWN_BYTES);
		const lines = toLines(text);
		const last = describeLines(lines.slice(-count)).map(([, line]) => line);
		return { text, omittedBytes, lines: last, count: lines.length };
	}

	close(): void {
		if (this.#held !== undefined) closeSync(this.#held);
		this.#held = undefined;
	}
}

function openLog(path: string): number | undefined {
	try {
		return openSync(path, 'r');
	} catch (error) {
		if (hasCode(error, 'ENOENT')) return undefined;
		throw error;
	}
}
