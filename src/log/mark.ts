/** Where a log stood at some moment: what comes after it belongs to this start. */
import { type Stats, statSync } from 'node:fs';

export interface LogMark {
	readonly path: string;
	readonly size: number;
	readonly mtimeMs: number;
	/** Undefined when there was no file. */
	readonly inode: number | undefined;
}

export function markLog(path: string): LogMark {
	const stats = statSync(path, { throwIfNoEntry: false });
	return { path, size: stats?.size ?? 0, mtimeMs: stats?.mtimeMs ?? 0, inode: stats?.ino };
}

/** Whether the log has grown, shrunk, been written to or been replaced since. */
export function hasChangedSince(mark: LogMark): boolean {
	const { size, mtimeMs, inode } = markLog(mark.path);
	// The launch itself creates a log that was not there: that it exists says nothing about the daemon.
	if (mark.inode === undefined || inode === undefined) return size > 0;
	return size !== mark.size || mtimeMs > mark.mtimeMs || inode !== mark.inode;
}

/** The offset from which a file holds what was written since the mark. */
export function offsetSince(mark: LogMark, stats: Stats): number {
	const isSameFile = stats.ino === mark.inode && stats.size >= mark.size;
	return isSameFile ? mark.size : 0;
}
