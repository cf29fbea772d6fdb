/** The lock of a PID file that other callers may know, too. Nobody else knows one in a temporary folder of this library's. */
import { dirname } from 'node:path';
import type { Release } from '../lock.ts';
import { lockPidFile } from '../pid-file/lock.ts';
import type { PidFile } from '../pid-file/pid-file.ts';
import { Deadline } from '../time/deadline.ts';
import type { Scope } from './scope.ts';

/** How long removing the PID file waits for its lock. */
const LOCK_MS = 1000;

/** Rejects with the signal's reason when that is aborted first. */
export async function lockSharedFile({ filename }: PidFile, scope: Scope, signal: AbortSignal): Promise<Release> {
	const isPrivate = scope.kind === 'scoped' && scope.dir === dirname(filename);
	return isPrivate ? () => {} : await lockPidFile(filename, signal);
}

/** Calls `remove` with the lock or, where that cannot be had in time, without it. */
export async function removeLocked(pidFile: PidFile, scope: Scope, remove: () => void): Promise<void> {
	const deadline = new Deadline(LOCK_MS);
	// EMFILE; or whoever holds the lock does nothing with it.
	const release = await lockSharedFile(pidFile, scope, deadline.signal).catch(() => () => {});
	deadline.clear();
	try {
		remove();
	} finally {
		release();
	}
}
