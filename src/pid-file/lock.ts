/** Lets only one caller at a time read a PID file and write it. */
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crypto } from '../builtins.ts';
import { type Release, tryLock } from '../lock.ts';
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
	const name = `pid-file-${crypto().createHash('sha256').update(whereItIs(path)).digest('hex')}`;
	for (;;) {
		signal.throwIfAborted();
		const release = await tryLock(name);
		if (release) return release;
		await pause(RETRY_MS, signal);
	}
}

/** All paths that lead to the file give the same answer. Writing the file will report a folder that does not exist. */
function whereItIs(path: string): string {
	try {
		return join(realpathSync(dirname(path)), basename(path));
	} catch {
		return path;
	}
}

function isDevice(path: string): boolean {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	return stats !== undefined && !stats.isFile();
}
