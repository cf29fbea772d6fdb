/**
 * Reads a log that is being written: each byte once, through rotation and truncation, with a fixed amount of memory.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { type LogPosition, offsetSince } from './position.ts';

/**
 * A daemon logs little while it starts, so the buffer begins small. When a read fills it, it grows up to the large
 * size.
 */
const SMALL_BYTES = 2 * 1024;
/** Matching each line of a larger piece would block the event loop for too long. */
const LARGE_BYTES = 64 * 1024;

const NOTHING = Buffer.alloc(0);

export class LogReader {
	readonly #position: LogPosition;
	#buffer = Buffer.allocUnsafe(SMALL_BYTES);
	#file: number | undefined;
	#inode = 0;
	#offset = 0;
	/** Whether nothing of this file was read yet. */
	#isAtStart = false;
	/** How many bytes at the end are the beginning of a character. */
	#heldBack = 0;
	#budget = Number.POSITIVE_INFINITY;

	/** Reads what comes after the position. */
	constructor(position: LogPosition) {
		this.#position = position;
		// The file is opened at once, as one that is renamed before the first read would be missed.
		this.#open();
	}

	/**
	 * The next bytes, none if there is nothing new. They end anywhere, but never inside a character, and are valid until
	 * the next call.
	 */
	read(): Buffer {
		if (this.#file === undefined && !this.#open()) return NOTHING;
		if (this.#isAtStart) this.#offset = offsetSince(this.#position, this.#file ?? 0);
		const piece = this.#readOn();
		if (piece.length > 0) return piece;
		return this.#wasTruncated() || this.#wasRotated() ? this.#readOn() : NOTHING;
	}

	/** Whether the last bytes are the beginning of a character whose end has not come yet. */
	get holdsBack(): boolean {
		return this.#heldBack > 0;
	}

	/**
	 * Returns the bytes held back as they are: the rest of the character will not come, for example in a log that is not
	 * UTF-8.
	 */
	readHeldBack(): Buffer {
		return this.#readOn(false);
	}

	/** From here on only what is already there is read, and nothing that is written later. */
	stopHere(): void {
		this.#budget = this.unread();
	}

	/** How many bytes of the file were not read. */
	unread(): number {
		const current = statSync(this.#position.path, { throwIfNoEntry: false });
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
			this.#file = openSync(this.#position.path, 'r');
		} catch (error) {
			if (hasCode(error, 'ENOENT')) return false;
			throw error;
		}
		this.#inode = fstatSync(this.#file).ino;
		this.#offset = offsetSince(this.#position, this.#file);
		this.#isAtStart = true;
		return true;
	}

	#readOn(mayHoldBack = true): Buffer {
		if (this.#file === undefined) return NOTHING;
		const buffer = this.#buffer;
		const most = Math.min(buffer.length, this.#budget);
		const count = readSync(this.#file, buffer, 0, most, this.#offset);
		if (count === buffer.length && count < LARGE_BYTES) this.#buffer = Buffer.allocUnsafe(count * 8);
		this.#heldBack = mayHoldBack ? incompleteBytes(buffer, count) : 0;
		const end = count - this.#heldBack;
		if (end > 0) this.#isAtStart = false;
		this.#offset += end;
		this.#budget -= end;
		return buffer.subarray(0, end);
	}

	#wasTruncated(): boolean {
		if (this.#file === undefined || fstatSync(this.#file).size >= this.#offset) return false;
		this.#offset = 0;
		return true;
	}

	/** Whether another file has the path by now. The old one has been read to its end. */
	#wasRotated(): boolean {
		const current = statSync(this.#position.path, { throwIfNoEntry: false });
		if (current === undefined || current.ino === this.#inode) return false;
		this.close();
		if (!this.#open()) return false;
		this.#offset = 0;
		this.#isAtStart = false;
		return true;
	}
}

/** How many bytes at the end are the beginning of a character (RFC 3629, 3); they are left for the next read. */
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
