/** A listening unix socket, which only its user can connect to, and which the caller keeps for its daemon. */
import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { net } from '../builtins.ts';
import { nameLock, type Release, tryLock } from '../lock.ts';
import { hasCode, systemError } from '../os/errno.ts';
import { explainUnsafeParent } from '../os/safety.ts';
import { LONGEST_SOCKET_PATH } from '../os/socket-path.ts';
import { bind, close, listen } from './keeper.ts';

export class UnixSocket {
	readonly descriptor: number;
	readonly path: string;
	readonly #file: Stats;
	readonly #release: Release;

	private constructor(descriptor: number, path: string, release: Release) {
		this.descriptor = descriptor;
		this.path = path;
		this.#file = lstatSync(path);
		this.#release = release;
	}

	/** @throws a system error: EADDRINUSE if something is there, ENOENT, EACCES, ENAMETOOLONG. */
	static async open(path: string): Promise<UnixSocket> {
		if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) throw systemError('ENAMETOOLONG', 'bind', path);
		const why = explainUnsafeParent(statSync(dirname(path)));
		if (why !== undefined) throw new UnsafeFolderError(dirname(path), why);
		// Two callers that find the same stale socket would remove each other's new one.
		const release = await tryLock(nameLock('socket', path));
		if (release === undefined) throw systemError('EADDRINUSE', 'bind', path);
		try {
			await removeStale(path);
			return await UnixSocket.#make(path, release);
		} catch (error) {
			release();
			throw error;
		}
	}

	static async #make(path: string, release: Release): Promise<UnixSocket> {
		// bind(2) follows no symlink: whatever is there already is EADDRINUSE.
		const descriptor = await bind({ path });
		try {
			// Nobody can connect before it listens. The folder is safe, so this is the socket that was just made.
			chmodSync(path, 0o600);
			await listen(descriptor, { path });
			return new UnixSocket(descriptor, path, release);
		} catch (error) {
			await close(descriptor);
			rmSync(path, { force: true });
			throw error;
		}
	}

	async listenAgain(): Promise<void> {
		await listen(this.descriptor, { path: this.path });
	}

	/** Whether clients still find it at its path. A server may remove it when it ends, as nginx does. */
	isInPlace(): boolean {
		const file = lstatSync(this.path, { throwIfNoEntry: false });
		return file?.ino === this.#file.ino && file.dev === this.#file.dev;
	}

	async close(): Promise<void> {
		if (this.isInPlace()) rmSync(this.path, { force: true });
		await this.leave();
	}

	/** Closes it in this process, which has to happen before its end: that would remove the socket from its path. */
	async leave(): Promise<void> {
		await close(this.descriptor, this.path);
		this.#release();
	}
}

/** Removes a socket of this user on which nobody listens any more. Another caller may just be making one there. */
export async function removeAbandoned(path: string): Promise<void> {
	const release = await tryLock(nameLock('socket', path));
	if (release) await removeStale(path).finally(release);
}

/** A caller that was killed leaves its socket. Nobody listens on it, which connecting shows. */
async function removeStale(path: string): Promise<void> {
	const file = lstatSync(path, { throwIfNoEntry: false });
	if (!file?.isSocket() || file.uid !== process.getuid?.()) return;
	const client = net().connect(path);
	try {
		await once(client, 'connect');
	} catch (error) {
		if (hasCode(error, 'ECONNREFUSED')) rmSync(path, { force: true });
	} finally {
		client.destroy();
	}
}

class UnsafeFolderError extends Error {
	constructor(folder: string, why: string) {
		super(`its socket cannot be in ${folder}, which ${why}`);
		this.name = 'UnsafeFolderError';
	}
}
