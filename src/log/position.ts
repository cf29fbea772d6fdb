/** A position in a log, at the moment of a start: what is written after it belongs to this start. */
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync, watch } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { now } from '../time/clock.ts';
import { locateLog } from './destination.ts';

export interface LogPosition {
	/** The path of the file itself, not of a symlink to it. */
	readonly path: string;
	readonly size: number;
	readonly mtimeMs: number;
	/** Undefined if there was no file. */
	readonly inode: number | undefined;
	/** The last bytes before the position: a file that was rewritten has other bytes there. */
	readonly end: Buffer;
	/** Stays true once it was seen, as the file may grow to the same size with the same beginning again. */
	wasRewritten: boolean;
}

const END_BYTES = 64;

export function readPosition(given: string): LogPosition {
	const path = fileOf(given);
	const stats = statSync(path, { throwIfNoEntry: false });
	return positionIn(path, stats, stats?.size ?? 0);
}

/** A position that another process has noted; the beginning, if the file has become shorter since. */
export function positionAt(given: string, offset: number): LogPosition {
	const path = fileOf(given);
	const stats = statSync(path, { throwIfNoEntry: false });
	return positionIn(path, stats, offset <= (stats?.size ?? 0) ? offset : 0);
}

function fileOf(given: string): string {
	const destination = locateLog(given);
	return destination.kind === 'file' ? destination.path : given;
}

function positionIn(path: string, stats: Stats | undefined, size: number): LogPosition {
	const end = size === 0 ? Buffer.alloc(0) : readFrom(path, file => readEnd(file, size));
	return { path, size, mtimeMs: stats?.mtimeMs ?? 0, inode: stats?.ino, end, wasRewritten: false };
}

/** Whether the log has grown, shrunk, been written to or been replaced since. */
export function hasChangedSince(position: LogPosition): boolean {
	const stats = statSync(position.path, { throwIfNoEntry: false });
	// The launch itself creates a missing log, so its existence says nothing about the daemon.
	if (position.inode === undefined || stats === undefined) return (stats?.size ?? 0) > 0;
	return stats.size !== position.size || stats.mtimeMs > position.mtimeMs || stats.ino !== position.inode;
}

/** write(2) sets the time of a file before its size, and the scheduler may interrupt it in between for some ms. */
const APPEND_MS = 10;

/**
 * Notes a rewrite while it can be seen: the file has shrunk, or was written to without growing. A daemon that writes
 * the same as the last time soon restores the same file.
 *
 * @param look looks at the file once more at each call.
 */
export function noteRewrite(
	position: LogPosition,
	look: () => Stats | undefined = () => statSync(position.path, { throwIfNoEntry: false }),
): void {
	position.wasRewritten ||= isRewritten(position, look);
}

function isRewritten({ inode, size, mtimeMs }: LogPosition, look: () => Stats | undefined): boolean {
	const began = now();
	for (let isLast = false; ; isLast = now() - began > APPEND_MS) {
		const stats = look();
		if (stats === undefined || stats.ino !== inode || stats.size > size) return false;
		if (stats.size < size) return true;
		if (stats.mtimeMs <= mtimeMs) return false;
		if (isLast) return true;
	}
}

/** Calls {@link noteRewrite} at each event of the file, until the function that it returns is called. */
export function watchForRewrite(position: LogPosition): () => void {
	if (position.size === 0) return () => {};
	try {
		const watcher = watch(position.path, { persistent: false }, () => noteRewrite(position));
		watcher.on('error', () => watcher.close());
		return () => watcher.close();
	} catch {
		// EMFILE, ENOSPC: no inotify instance or watch is left. ENOENT: the file has gone since.
		return () => {};
	}
}

/** The offset in an open file after which everything was written since the position. */
export function offsetSince(position: LogPosition, file: number): number {
	if (position.size === 0 || fstatSync(file).ino !== position.inode) return 0;
	noteRewrite(position, () => fstatSync(file));
	position.wasRewritten ||= !position.end.equals(readEnd(file, position.size));
	return position.wasRewritten ? 0 : position.size;
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
		// EACCES: only its size and inode can be compared. ENOENT: the file has gone since.
		if (hasCode(error, 'EACCES', 'ENOENT')) return Buffer.alloc(0);
		throw error;
	}
	try {
		return read(file);
	} finally {
		closeSync(file);
	}
}
