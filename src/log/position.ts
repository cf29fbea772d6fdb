/** Where a log stood at some moment: what comes after it belongs to this start. */
import { closeSync, fstatSync, openSync, readSync, statSync, watch } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { locateLog } from './place.ts';

export interface LogPosition {
	/** Of the file itself, where a link leads to it. */
	readonly path: string;
	readonly size: number;
	readonly mtimeMs: number;
	/** Undefined when there was no file. */
	readonly inode: number | undefined;
	/** The last bytes before the mark: a file that was written anew has others there. */
	readonly end: Buffer;
	/** Set for good by the first look that shows it: the file may have the same size and beginning again at the next. */
	wasRewritten: boolean;
}

const END_BYTES = 64;

export function readPosition(given: string): LogPosition {
	const place = locateLog(given);
	const path = place.kind === 'file' ? place.path : given;
	const stats = statSync(path, { throwIfNoEntry: false });
	const size = stats?.size ?? 0;
	const end = size === 0 ? Buffer.alloc(0) : readFrom(path, file => readEnd(file, size));
	return { path, size, mtimeMs: stats?.mtimeMs ?? 0, inode: stats?.ino, end, wasRewritten: false };
}

/** Whether the log has grown, shrunk, been written to or been replaced since. */
export function hasChangedSince(mark: LogPosition): boolean {
	const stats = statSync(mark.path, { throwIfNoEntry: false });
	// The launch itself creates a log that was not there: that it exists says nothing about the daemon.
	if (mark.inode === undefined || stats === undefined) return (stats?.size ?? 0) > 0;
	return stats.size !== mark.size || stats.mtimeMs > mark.mtimeMs || stats.ino !== mark.inode;
}

/**
 * Notes a rewrite for as long as it can be seen: the file has shrunk, or was written to and has not grown. A daemon that
 * writes the same as the last time makes the same file of it.
 */
export function noteRewrite(mark: LogPosition, stats = statSync(mark.path, { throwIfNoEntry: false })): void {
	if (stats === undefined || stats.ino !== mark.inode) return;
	mark.wasRewritten ||= stats.size < mark.size || (stats.size === mark.size && stats.mtimeMs > mark.mtimeMs);
}

/** {@link noteRewrite} at each event, until the function that it returns is called. */
export function watchForRewrite(mark: LogPosition): () => void {
	if (mark.size === 0) return () => {};
	try {
		const watcher = watch(mark.path, { persistent: false }, () => noteRewrite(mark));
		watcher.on('error', () => watcher.close());
		return () => watcher.close();
	} catch {
		// EMFILE, ENOSPC: no inotify instance or watch is left. ENOENT: it has gone since.
		return () => {};
	}
}

/** The offset from which an open file holds what was written since the mark. */
export function offsetSince(mark: LogPosition, file: number): number {
	const stats = fstatSync(file);
	if (stats.ino !== mark.inode) return 0;
	noteRewrite(mark, stats);
	mark.wasRewritten ||= !mark.end.equals(readEnd(file, mark.size));
	return mark.wasRewritten ? 0 : mark.size;
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
