/** One caller at a time looks at a PID file and writes it: a lock that the kernel releases when its holder dies. */
import { createHash } from 'node:crypto';
import { closeSync, constants, lstatSync, openSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { hasCode } from './process/errno.ts';
import { pause } from './time/poll.ts';

/** Who holds it forks and writes one line: that takes ms. */
const RETRY_MS = 2;

type Release = () => void;

/**
 * Runs `work` while nobody else does so for the same PID file. A device such as /dev/null is nobody's.
 *
 * @throws the signal's reason if that is aborted before it is our turn.
 */
export async function withPidFileLocked<T>(path: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
	const release = isDevice(path) ? () => {} : await acquire(path, signal);
	try {
		return await work();
	} finally {
		release();
	}
}

async function acquire(path: string, signal: AbortSignal): Promise<Release> {
	const tryLock = process.platform === 'darwin' ? tryFolder : tryAbstractSocket;
	for (;;) {
		signal.throwIfAborted();
		const release = await tryLock(path);
		if (release) return release;
		await pause(RETRY_MS, signal);
	}
}

/**
 * A socket with a name that is in no file system, unix(7): one process can have it, and it goes with its holder. It holds
 * for this network namespace, so for one container.
 */
async function tryAbstractSocket(path: string): Promise<Release | undefined> {
	const name = createHash('sha256').update(whereItIs(path)).digest('hex');
	return await new Promise((resolve, reject) => {
		const server = createServer().unref();
		// Exclusive: in a cluster, its primary would listen for all of its workers.
		server.listen({ path: `\0withdaemon-pid-file-${name}`, exclusive: true });
		server.once('listening', () => resolve(() => void server.close()));
		server.once('error', error => (hasCode(error, 'EADDRINUSE') ? resolve(undefined) : reject(error)));
	});
}

/** O_EXLOCK of macOS's open(2), which Node has no name for: an flock(2), here on the folder. */
const O_EXLOCK = 0x20;

async function tryFolder(path: string): Promise<Release | undefined> {
	try {
		const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_NONBLOCK | O_EXLOCK);
		return () => closeSync(folder);
	} catch (error) {
		if (hasCode(error, 'EAGAIN')) return undefined;
		throw error;
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
