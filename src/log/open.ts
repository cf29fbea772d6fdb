/** Opens the file, pipe or device that a daemon writes its output to. */
import { closeSync, constants, openSync } from 'node:fs';
import { locateLog } from './destination.ts';

export interface Output {
	/** For the daemon's stdout and stderr. */
	readonly descriptor: number;
	close(): void;
}

const { O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NOCTTY, O_NONBLOCK } = constants;

/**
 * @throws a system error; ELOOP for a symlink that others could have made, ENXIO for a named pipe that nobody reads.
 */
export function openOutput(path: string): Output {
	const destination = locateLog(path);
	// The descriptor is the caller's own, so it stays open.
	if (destination.kind === 'stream') return { descriptor: destination.descriptor, close: () => {} };
	const descriptor =
		destination.kind === 'named pipe'
			? openPipe(destination.path)
			: openFile('path' in destination ? destination.path : path);
	return { descriptor, close: () => closeSync(descriptor) };
}

/** The file is appended to, as several writers may share it. O_NOFOLLOW: a symlink planted in its place gives ELOOP. */
function openFile(path: string): number {
	return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY, 0o640);
}

/** Opening a FIFO only for writing would block until somebody reads it (fifo(7)), so a reader of ours holds it open. */
function openPipe(path: string): number {
	const probe = openSync(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
	try {
		const reader = openSync(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
		try {
			// The daemon gets a file description of its own, which must not be non-blocking.
			return openSync(path, O_WRONLY | O_NOFOLLOW);
		} finally {
			closeSync(reader);
		}
	} finally {
		closeSync(probe);
	}
}
