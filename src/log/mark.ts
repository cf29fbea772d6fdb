/** Where a log stood at some moment: what comes after it belongs to this start. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { hasCode } from '../process/errno.ts';
import { locateLog } from './place.ts';

export interface LogMark {
	/** Of the file itself, where a link leads to it. */
	readonly path: string;
	readonly size: number;
	readonly mtimeMs: number;
	/** Undefined when there was no file. */
	readonly inode: number | undefined;
	/** The last bytes before the mark: a file that was written anew has others there. */
	readonly end: Buffer;
}

const END_BYTES = 64;

export function markLog(given: string): LogMark {
	const place = locateLog(given);
	const path = place.kind === 'file' ? place.path : given;
	const stats = statSync(path, { throwIfNoEntry: false });
	const size = stats?.size ?? 0;
	const end = size === 0 ? Buffer.alloc(0) : readFrom(path, file => readEnd(file, size));
	return { path, size, mtimeMs: stats?.mtimeMs ?? 0, inode: stats?.ino, end };
}

/** Whether the log has grown, shrunk, been written to or been replaced since. */
export function hasChangedSince(mark: LogMark): boolean {
	const stats = statSync(mark.path, { throwIfNoEntry: false });
	// The launch itself creates a log that was not there: that it exists says nothing about the daemon.
	if (mark.inode === undefined || stats === undefined) return (stats?.size ?? 0) > 0;
	return stats.size !== mark.size || stats.mtimeMs > mark.mtimeMs || stats.ino !== mark.inode;
}

/** The offset from which an open file holds what was written since the mark. */
export function offsetSince(mark: LogMark, file: number): number {
	const { ino, size } = fstatSync(file);
	const isContinued = ino === mark.inode && size >= mark.size && mark.end.equals(readEnd(file, mark.size));
	return isContinued ? mark.size : 0;
}

function readEnd(file: number, size: number): Buffer {
	const buffer = Buffer.alloc(Math.min(END_BYTES, size));
	return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, size - buffer.length));
}

function readFrom(path: string, read: (file: number) => Buffer): Buffer {
	let file: number;
	try {
		file = openSync(path, 'r');
	} catch (error) {
		// Not for us to read: then only its size and inode tell. ENOENT: it has gone since.
		if (hasCode(error, 'EACCES', 'ENOENT')) return Buffer.alloc(0);
		throw error;
	}
	try {
		return read(file);
	} finally {
		closeSync(file);
	}
}
