/** Tells whether the daemon listens on a unix socket, or a stranger whose answers say nothing about the daemon. */
import { type Stats, statSync } from 'node:fs';
import { basename, isAbsolute, resolve } from 'node:path';
import { processesOf } from '../launch/daemon-process.ts';
import { findSocketHolders, listUnixListeners, readOwner, readWorkingFolder } from '../process/table.ts';
import type { UnixListener } from '../process/unix-sockets.ts';
import type { ProbedDaemon } from './check.ts';
import { describeForeigner } from './port-owner.ts';

export class SocketOwner {
	/** The pids of the strangers that hold these sockets; looked up once, as that means a look at all processes. */
	#strangers: { readonly inodes: string; readonly pids: readonly number[] } | undefined;

	/**
	 * Why the listener is not the daemon's; undefined if it is, or if that cannot be told: on macOS, or of a process in
	 * another mount or network namespace.
	 *
	 * @param file the socket at the path, which accepts connections.
	 */
	findStranger(path: string, file: Stats, { process }: ProbedDaemon): string | undefined {
		const sockets = listUnixListeners().filter(socket => mayLeadTo(socket, path, file));
		const own = [process.identity.pid];
		if (sockets.length === 0 || isHeldBy(sockets, own)) return undefined;
		own.push(...processesOf(process).map(({ pid }) => pid));
		if (isHeldBy(sockets, own)) return undefined;
		const [stranger] = this.#findHolders(sockets, file);
		if (stranger !== undefined) return describeForeigner(stranger);
		const isOfUser = file.uid !== globalThis.process.getuid?.() && own.some(pid => readOwner(pid) === file.uid);
		const isRelative = sockets.every(socket => !isAbsolute(socket.path));
		return isOfUser || isRelative ? undefined : describeForeigner(undefined);
	}

	/** A relative path only leads there from the folder in which its process works. */
	#findHolders(sockets: readonly UnixListener[], file: Stats): readonly number[] {
		const inodes = sockets.map(({ inode }) => inode).join();
		if (this.#strangers?.inodes === inodes) return this.#strangers.pids;
		const holders = findSocketHolders(new Set(sockets.map(({ inode }) => inode)));
		const pids = sockets.flatMap(socket => {
			const all = holders.get(socket.inode) ?? [];
			if (isAbsolute(socket.path)) return all;
			return all.filter(pid => isFile(resolve(readWorkingFolder(pid) ?? '/', socket.path), file));
		});
		this.#strangers = { inodes, pids };
		return pids;
	}
}

function isHeldBy(sockets: readonly UnixListener[], pids: readonly number[]): boolean {
	const holders = findSocketHolders(new Set(sockets.map(({ inode }) => inode)), pids);
	return holders.size > 0;
}

/** A daemon may have left the folder in which a relative path began. */
function mayLeadTo(socket: UnixListener, path: string, file: Stats): boolean {
	if (!isAbsolute(socket.path)) return basename(socket.path) === basename(path);
	return socket.path === path || isFile(socket.path, file);
}

function isFile(path: string, { dev, ino }: Stats): boolean {
	try {
		const other = statSync(path, { throwIfNoEntry: false });
		return other?.dev === dev && other.ino === ino;
	} catch {
		// EACCES: a folder that this user may not enter.
		return false;
	}
}
