/** One caller at a time looks at a PID file and writes it. */
import { createHash } from 'node:crypto';
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Release, tryLock } from '../lock.ts';
import { pause } from '../time/poll.ts';

/** Who holds it looks for its ports, forks, and writes one line: that takes ms. */
const RETRY_MS = 2;

/**
 * Resolves when nobody else has this PID file's lock. A device such as /dev/null is nobody's.
 *
 * @throws the signal's reason if that is aborted before it is our turn.
 */
export async function lockPidFile(path: string, signal: AbortSignal): Promise<Release> {
	if (isDevice(path)) return () => {};
	const name = `pid-file-${createHash('sha256').update(whereItIs(path)).digest('hex')}`;
	for (;;) {
		signal.throwIfAborted();
		const release = await tryLock(name);
		if (release) return release;
		await pause(RETRY_MS, signal);
	}
}

/** The same for every path that leads there. A folder that does not exist is refused by who writes the file. */
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
