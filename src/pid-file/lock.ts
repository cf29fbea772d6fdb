/** Lets only one caller at a time read a PID file and write it. */
import { lstatSync } from 'node:fs';
import { nameLock, type Release, tryLock } from '../lock.ts';
import { withRealFolder } from '../os/real-folder.ts';
import { Deadline } from '../time/deadline.ts';
import { pause } from '../time/poll.ts';

/** The holder checks its ports, forks and writes one line, which takes some ms. */
const RETRY_MS = 2;

/**
 * Resolves when this caller has the lock of the PID file. A device such as /dev/null needs no lock.
 *
 * @throws the signal's reason if the signal is aborted first.
 */
export async function lockPidFile(path: string, signal: AbortSignal): Promise<Release> {
	if (isDevice(path)) return () => {};
	const name = nameLock('pid-file', withRealFolder(path));
	for (;;) {
		signal.throwIfAborted();
		const release = await tryLock(name);
		if (release) return release;
		await pause(RETRY_MS, signal);
	}
}

/** How long removing a PID file waits for its lock. */
const LONGEST_MS = 1000;

/** Like {@link lockPidFile}, but undefined if the lock is not free soon: EMFILE, or its holder is stuck. */
export async function lockPidFileSoon(path: string): Promise<Release | undefined> {
	const deadline = new Deadline(LONGEST_MS);
	return await lockPidFile(path, deadline.signal)
		.catch(() => undefined)
		.finally(() => deadline.clear());
}

function isDevice(path: string): boolean {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	return stats !== undefined && !stats.isFile();
}
