/** Removes the PID file of a daemon that another process started, once the daemon is gone. */
import { lockPidFileSoon } from './lock.ts';
import { PidFile } from './pid-file.ts';

/** Takes the lock, as another caller may be about to write the pid of its own daemon. */
export async function removeStalePidFile(path: string, wasLaunched: boolean): Promise<void> {
	const release = await lockPidFileSoon(path);
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
