/** Locks a PID file that other callers may know. A PID file in a temporary folder of this library needs no lock. */
import { dirname } from 'node:path';
import type { Release } from '../lock.ts';
import { lockPidFile, lockPidFileSoon } from '../pid-file/lock.ts';
import type { PidFile } from '../pid-file/pid-file.ts';
import type { Scope } from './scope.ts';

/** Rejects with the signal's reason if the signal is aborted first. */
export async function lockSharedFile({ filename }: PidFile, scope: Scope, signal: AbortSignal): Promise<Release> {
	return isPrivate(filename, scope) ? () => {} : await lockPidFile(filename, signal);
}

/** Whether it is in the temporary folder of the daemon, which no other caller knows. */
export function isPrivate(filename: string, scope: Scope): boolean {
	return scope.kind === 'scoped' && scope.dir === dirname(filename);
}

/** Removes the file if it names the daemon that has ended, which may start again. */
export async function removeOwn(pidFile: PidFile, pid: number, scope: Scope): Promise<void> {
	await removeLocked(pidFile, scope, () => void pidFile.delete(pid));
}

/** Removes what is left of the file when the daemon is gone for good. */
export async function removeStale(pidFile: PidFile, scope: Scope): Promise<void> {
	const isOurs = isPrivate(pidFile.filename, scope);
	await removeLocked(pidFile, scope, () => (isOurs ? pidFile.discard() : pidFile.deleteStale()));
}

/** Calls `remove` while it holds the lock or, if it cannot get the lock in time, without it. */
async function removeLocked(pidFile: PidFile, scope: Scope, remove: () => void): Promise<void> {
	if (isPrivate(pidFile.filename, scope)) return remove();
	const release = await lockPidFileSoon(pidFile.filename);
	try {
		remove();
	} finally {
		release?.();
	}
}
