/** Opens what a daemon writes its output to. */
import { closeSync, constants, openSync } from 'node:fs';
import { locateLog } from './place.ts';

export interface Output {
	/** For the daemon's stdout and stderr. */
	readonly descriptor: number;
	close(): void;
}

const { O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NOCTTY, O_NONBLOCK } = constants;

/** @throws a system error; ELOOP for a link where others could have put it, ENXIO for a named pipe that nobody reads. */
export function openOutput(path: string): Output {
	const place = locateLog(path);
	// The caller's own: not ours to close.
	if (place.kind === 'stream') return { descriptor: place.descriptor, close: () => {} };
	const descriptor = place.kind === 'named pipe' ? openPipe(place.path) : openFile('path' in place ? place.path : path);
	return { descriptor, close: () => closeSync(descriptor) };
}

/** Appended to, as several writers may share it. O_NOFOLLOW: a link planted in its place is ELOOP. */
function openFile(path: string): number {
	return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY, 0o640);
}

/** To open it for writing alone would block until somebody reads it, fifo(7): so it is held open by a reader of ours. */
function openPipe(path: string): number {
	const probe = openSync(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
	try {
		const reader = openSync(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
		try {
			// A description of its own: what the daemon gets must not be non-blocking.
			return openSync(path, O_WRONLY | O_NOFOLLOW);
		} finally {
			closeSync(reader);
		}
	} finally {
		closeSync(probe);
	}
}
