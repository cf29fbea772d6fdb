/** A lock by name, for this machine: the kernel holds it, and releases it when its holder, process or thread, dies. */
import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { hasCode } from './os/errno.ts';
import { settlesWithin } from './time/deadline.ts';

export type Release = () => void;

/** A holder whose event loop is blocked does not answer. */
const ANSWER_MS = 500;

/**
 * Undefined if somebody has it: another process, user or checkout, another thread, or another piece of this one.
 *
 * @param about what {@link whoHolds} is told.
 */
export async function tryLock(name: string, about = ''): Promise<Release | undefined> {
	const release =
		process.platform === 'darwin' ? tryFile(`/tmp/withdaemon-${name}`) : await tryAbstractSocket(name, about);
	return release && onlyOnce(release);
}

/** A descriptor that was closed may be another's the next time. */
function onlyOnce(release: Release): Release {
	let isHeld = true;
	return () => {
		if (isHeld) release();
		isHeld = false;
	};
}

/**
 * A socket with a name that is in no file system, unix(7): one process can have it, and it goes with its holder. It holds
 * for this network namespace, so for one container, as a port does.
 */
async function tryAbstractSocket(name: string, about: string): Promise<Release | undefined> {
	return await new Promise((resolve, reject) => {
		const server = createServer(socket =>
			socket
				.on('error', () => {})
				.unref()
				.end(about),
		).unref();
		// Exclusive: in a cluster, its primary would listen for all of its workers.
		server.listen({ path: `\0withdaemon-${name}`, exclusive: true });
		server.once('listening', () => resolve(() => void server.close()));
		server.once('error', error => (hasCode(error, 'EADDRINUSE') ? resolve(undefined) : reject(error)));
	});
}

/** What the holder of a lock says about itself; undefined if it does not answer, and on macOS, where it cannot be asked. */
export async function whoHolds(name: string): Promise<string | undefined> {
	if (process.platform === 'darwin') return undefined;
	const socket = connect(`\0withdaemon-${name}`);
	const answer = text(socket).catch(() => '');
	if (!(await settlesWithin(answer, ANSWER_MS))) socket.destroy();
	return (await answer) || undefined;
}

/** O_EXLOCK of macOS's open(2), which Node has no name for: an flock(2). */
const O_EXLOCK = 0x20;

/** In /tmp, which is the same for all users; there the folder for temporary files is each user's own. */
function tryFile(path: string): Release | undefined {
	const { O_RDONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
	try {
		const file = openSync(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_EXLOCK, 0o644);
		// Removed by its last holder after we had opened it: the next one would not meet us there.
		if (fstatSync(file).uid === process.getuid?.()) fchmodSync(file, 0o644);
		if (fstatSync(file).ino === lstatSync(path, { throwIfNoEntry: false })?.ino) return () => releaseFile(path, file);
		closeSync(file);
		return undefined;
	} catch (error) {
		if (hasCode(error, 'EAGAIN')) return undefined;
		throw error;
	}
}

function releaseFile(path: string, file: number): void {
	try {
		rmSync(path, { force: true });
	} catch {
		// EPERM: another user has made it, and in /tmp only its owner removes a file.
	}
	closeSync(file);
}
