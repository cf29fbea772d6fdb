/** A lock by name, for this machine. The kernel releases it when its holder, a process or a thread, dies. */
import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync, rmSync } from 'node:fs';
import { crypto, net } from './builtins.ts';
import { hasCode } from './os/errno.ts';
import { settlesWithin } from './time/deadline.ts';

export type Release = () => void;

/** Names the lock of something whose own name, such as a path, may be too long for that. */
export const nameLock = (kind: string, ...about: readonly string[]): string =>
	`${kind}-${crypto().createHash('sha256').update(about.join('\0')).digest('hex')}`;

/** How long to wait for an answer: a holder whose event loop is blocked gives none. */
const ANSWER_MS = 500;

/**
 * Undefined if the lock is held: by another process, user, checkout or thread, or by another part of this one.
 *
 * @param about the text that {@link whoHolds} gets from the holder.
 */
export async function tryLock(name: string, about = ''): Promise<Release | undefined> {
	const release =
		process.platform === 'darwin' ? tryFile(`/tmp/withdaemon-${name}`) : await tryAbstractSocket(name, about);
	return release && onlyOnce(release);
}

/** A second release could close a descriptor that has been reused since. */
function onlyOnce(release: Release): Release {
	let isHeld = true;
	return () => {
		if (isHeld) release();
		isHeld = false;
	};
}

/**
 * A socket with a name outside of the file system (unix(7)): only one process can have it, and it vanishes with its
 * holder. Like a port it exists per network namespace, and so per container.
 */
async function tryAbstractSocket(name: string, about: string): Promise<Release | undefined> {
	return await new Promise((resolve, reject) => {
		const server = net()
			.createServer(socket =>
				socket
					.on('error', () => {})
					.unref()
					.end(about),
			)
			.unref();
		// Exclusive: otherwise the primary of a cluster would listen for all of its workers.
		server.listen({ path: `\0withdaemon-${name}`, exclusive: true });
		server.once('listening', () => resolve(() => void server.close()));
		server.once('error', error => (hasCode(error, 'EADDRINUSE') ? resolve(undefined) : reject(error)));
	});
}

/** The text of the holder of a lock about itself; undefined if it does not answer, and always on macOS. */
export async function whoHolds(name: string): Promise<string | undefined> {
	if (process.platform === 'darwin') return undefined;
	const socket = net().connect(`\0withdaemon-${name}`);
	const pieces: Promise<string[]> = socket.setEncoding('utf8').toArray();
	const answer = pieces.then(
		all => all.join(''),
		() => '',
	);
	if (!(await settlesWithin(answer, ANSWER_MS))) socket.destroy();
	return (await answer) || undefined;
}

/** O_EXLOCK of macOS's open(2), an flock(2), for which Node has no name. */
const O_EXLOCK = 0x20;

/** The file is in /tmp, which all users share; on macOS each user has another folder for temporary files. */
function tryFile(path: string): Release | undefined {
	const { O_RDONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
	try {
		const file = openSync(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_EXLOCK, 0o644);
		// If its last holder removed the file after we opened it, the next caller would make another one.
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
		// EPERM: another user made it, and in /tmp only the owner can remove a file.
	}
	closeSync(file);
}
