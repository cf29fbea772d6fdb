/** Reads a log that is being written: each byte once, through rotation and truncation, with a fixed amount of memory. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { type LogPosition, offsetSince } from './position.ts';

/** What a daemon logs while it starts is small; a buffer that a read has filled grows up to the large size. */
const SMALL_BYTES = 2 * 1024;
/** Not larger: who matches each line of a piece blocks the event loop for as long. */
const LARGE_BYTES = 64 * 1024;

export class LogReader {
	readonly #mark: LogPosition;
	#buffer = Buffer.allocUnsafe(SMALL_BYTES);
	#file: number | undefined;
	#inode = 0;
	#offset = 0;
	/** Nothing of this file was read yet. */
	#isAtMark = false;
	/** Bytes at the end that are the beginning of a character. */
	#heldBack = 0;
	#budget = Number.POSITIVE_INFINITY;

	/** Reads what comes after the mark. */
	constructor(mark: LogPosition) {
		this.#mark = mark;
		// At once: a file that is renamed before it is read first would be missed.
		this.#open();
	}

	/** The next piece of text, or `''` if there is nothing new. A piece ends anywhere, but never inside a character. */
	read(): string {
		if (this.#file === undefined && !this.#open()) return '';
		if (this.#isAtMark) this.#offset = offsetSince(this.#mark, this.#file ?? 0);
		const piece = this.#readOn();
		if (piece !== '') return piece;
		return this.#wasTruncated() || this.#wasRotated() ? this.#readOn() : '';
	}

	/** Whether the last bytes are the beginning of a character whose end did not come yet. */
	get holdsBack(): boolean {
		return this.#heldBack > 0;
	}

	/** What is held back, as it is: the end of that character is not to come, for example as it is no UTF-8. */
	readHeldBack(): string {
		return this.#readOn(false);
	}

	/** Reads what is there by now, and nothing that is written from here on. */
	stopHere(): void {
		this.#budget = this.unread();
	}

	/** How many bytes are there that were not read. */
	unread(): number {
		const current = statSync(this.#mark.path, { throwIfNoEntry: false });
		if (this.#file === undefined) return current?.size ?? 0;
		const { size } = fstatSync(this.#file);
		const rest = size < this.#offset ? size : size - this.#offset;
		return current === undefined || current.ino === this.#inode ? rest : rest + current.size;
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
		this.#inode = fstatSync(this.#file).ino;
		this.#offset = offsetSince(this.#mark, this.#file);
		this.#isAtMark = true;
		return true;
	}

	#readOn(mayHoldBack = true): string {
		if (this.#file === undefined) return '';
		const buffer = this.#buffer;
		const most = Math.min(buffer.length, this.#budget);
		const count = readSync(this.#file, buffer, 0, most, this.#offset);
		if (count === buffer.length && count < LARGE_BYTES) this.#buffer = Buffer.allocUnsafe(count * 8);
		this.#heldBack = mayHoldBack ? incompleteBytes(buffer, count) : 0;
		const end = count - this.#heldBack;
		if (end > 0) this.#isAtMark = false;
		this.#offset += end;
		this.#budget -= end;
		return buffer.toString('utf8', 0, end);
	}

	#wasTruncated(): boolean {
		if (this.#file === undefined || fstatSync(this.#file).size >= this.#offset) return false;
		this.#offset = 0;
		return true;
	}

	/** Another file has the path: the old one has been read to its end, and is left. */
	#wasRotated(): boolean {
		const current = statSync(this.#mark.path, { throwIfNoEntry: false });
		if (current === undefined || current.ino === this.#inode) return false;
		this.close();
		if (!this.#open()) return false;
		this.#offset = 0;
		this.#isAtMark = false;
		return true;
	}
}

/** How many bytes at the end are the beginning of a character: they are left for the next read (RFC 3629, 3). */
function incompleteBytes(buffer: Buffer, count: number): number {
	for (let back = 1; back <= Math.min(3, count); back++) {
		const byte = buffer[count - back] ?? 0;
		if (byte < 0x80) return 0;
		if (byte < 0xc0) continue;
		const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
		return length > back ? back : 0;
	}
	return 0;
}
