/** Removes the PID file of a daemon that another process started, once the daemon is gone. */
import { Deadline } from '../time/deadline.ts';
import { lockPidFile } from './lock.ts';
import { PidFile } from './pid-file.ts';

const LOCK_MS = 1000;

/** Takes the lock, as another caller may be about to write the pid of its own daemon. */
export async function removeStalePidFile(path: string, wasLaunched: boolean): Promise<void> {
	const deadline = new Deadline(LOCK_MS);
	const release = await lockPidFile(path, deadline.signal).catch(() => undefined);
	deadline.clear();
	const pidFile = new PidFile(path);
	try {
		// The daemon may have written something else there.
		if (wasLaunched) pidFile.deleteStale();
		if (release) pidFile.deleteDrafts();
	} catch {
		// ENOENT: its folder is gone. EACCES: not even the daemon's caller could remove it now.
	} finally {
		release?.();
	}
}
