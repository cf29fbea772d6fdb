/** A descriptor in reserve: a caller that has none left must still be able to look at its daemon, and to end it. */
import { closeSync, openSync } from 'node:fs';
import { hasCode } from './errno.ts';

/** Test runners load the library anew for every file: its copies in a thread share one. */
const KEY = Symbol.for('withdaemon.spare.1');
const shared = process as { [KEY]?: number | undefined };

/** To be called before a daemon is started. A caller that has not even one left learns it there. */
export function reserveDescriptor(): void {
	shared[KEY] ??= openSync('/dev/null', 'r');
}

/** For what opens at most one descriptor at a time, and closes it before it returns. */
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
			// EMFILE: another thread of the caller was quicker.
		}
	}
}
