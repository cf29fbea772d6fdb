/** A descriptor in reserve: a caller that has none left must still be able to look at its daemon, and to end it. */
import { closeSync, openSync } from 'node:fs';
import { hasCode } from './errno.ts';

/** Test runners load the library anew for every file: its copies in a thread share one. */
const KEY = Symbol.for('withdaemon.reserve.1');
const shared = process as { [KEY]?: number | undefined };

/** Call this before a daemon is started: it throws if the caller has no descriptor left. */
export function reserveDescriptor(): void {
	shared[KEY] ??= openSync('/dev/null', 'r');
}

/** `look` may open one descriptor at a time, and must close it before it returns. */
export function withReserve<T>(look: () => T): T {
	try {
		return look();
	} catch (error) {
		if (shared[KEY] === undefined || !hasCode(error, 'EMFILE')) throw error;
	}
	closeSync(shared[KEY]);
	shared[KEY] = undefined;
	try {
		return look();
	} finally {
		try {
			reserveDescriptor();
		} catch {
			// EMFILE: another thread of the caller took the descriptor.
		}
	}
}
