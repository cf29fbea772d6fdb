/** Reads a log that is being written: each byte once, through rotation and truncation, with a fixed amount of memory. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { hasCode } from '../process/errno.ts';
import { type LogMark, offsetSince } from './mark.ts';

const CHUNK_BYTES = 1024 * 1024;
/** What a daemon logs while it starts is small: the large buffer is made only for a log that fills the small one. */
const FIRST_CHUNK_BYTES = 16 * 1024;

export class LogReader {
	readonly #mark: LogMark;
	#buffer = Buffer.allocUnsafe(FIRST_CHUNK_BYTES);
	#decoder = new StringDecoder('utf8');
	#file: number | undefined;
	#inode = 0;
	#offset = 0;

	/** Reads what comes after the mark. */
	constructor(mark: LogMark) {
		this.#mark = mark;
	}

	/** The next piece of text, or `''` if there is nothing new. A piece ends anywhere, but never inside a character. */
	read(): string {
		if (this.#file === undefined && !this.#open()) return '';
		const piece = this.#readOn();
		if (piece !== '') return piece;
		return this.#wasTruncated() || this.#wasRotated() ? this.#readOn() : '';
	}

	close(): void {
		if (this.#file !== undefined) closeSync(this.#file);
		this.#file = undefined;
	}

	#open(): boolean {
		try {
			this.#file = openSync(this.#mark.path, 'r');
		} catch (error) {
			if (hasCode(error, 'ENOENT')) return false;
			throw error;
		}
		const stats = fstatSync(this.#file);
		this.#inode = stats.ino;
		this.#offset = offsetSince(this.#mark, stats);
		return true;
	}

	#readOn(): string {
		if (this.#file === undefined) return '';
		const count = readSync(this.#file, this.#buffer, 0, this.#buffer.length, this.#offset);
		this.#offset += count;
		const piece = this.#decoder.write(this.#buffer.subarray(0, count));
		if (count === FIRST_CHUNK_BYTES) this.#buffer = Buffer.allocUnsafe(CHUNK_BYTES);
		// Half a character: what completes it may be there already.
		return piece === '' && count > 0 ? this.#readOn() : piece;
	}

	#wasTruncated(): boolean {
		if (this.#file === undefined || fstatSync(this.#file).size >= this.#offset) return false;
		this.#startOver();
		return true;
	}

	/** Another file has the path: the old one has been read to its end, and is left. */
	#wasRotated(): boolean {
		const current = statSync(this.#mark.path, { throwIfNoEntry: false });
		if (current === undefined || current.ino === this.#inode) return false;
		this.close();
		if (!this.#open()) return false;
		this.#startOver();
		return true;
	}

	#startOver(): void {
		this.#offset = 0;
		this.#decoder = new StringDecoder('utf8');
	}
}
