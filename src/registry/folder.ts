/** The registry: a private folder of this user's, in which every caller writes down what would have to be cleaned up after it. */
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { hasCode } from '../process/errno.ts';

/** Somebody else could write there, or has: nothing that stands in it can be trusted. */
export class RegistryError extends Error {
	constructor(folder: string, what: string) {
		super(`${folder} ${what}: remove it, or set XDG_RUNTIME_DIR or TMPDIR to a folder of your own`);
		this.name = 'RegistryError';
	}
}

/**
 * Where the registry is: in `$XDG_RUNTIME_DIR`, if that is the user's own (under sudo it may be another's), else in the
 * folder for temporary files.
 */
export function locateRegistry(): string {
	const runtime = process.env['XDG_RUNTIME_DIR'];
	const uid = process.getuid?.();
	// Absolute, as the reaper works in /.
	return resolve(runtime && isOwnFolder(runtime, uid) ? runtime : tmpdir(), `withdaemon-${uid}`);
}

/** @throws {@link RegistryError} for a folder that is not ours alone; a system error if none can be made. */
export function makeRegistry(folder: string): void {
	makePrivateFolder(folder);
	const uid = process.getuid?.();
	// Not through links: one that was planted there would lead us to another folder of our own.
	const stats = lstatSync(folder);
	if (!stats.isDirectory()) throw new RegistryError(folder, 'is no folder');
	if (stats.uid !== uid) throw new RegistryError(folder, `belongs to the user ${stats.uid}`);
	if ((stats.mode & 0o077) !== 0) throw new RegistryError(folder, 'is open to other users');
}

/** mkdir(2) takes the umask off the mode: it can only become stricter. */
export function makePrivateFolder(path: string): void {
	try {
		mkdirSync(path, { mode: 0o700 });
	} catch (error) {
		if (!hasCode(error, 'EEXIST')) throw error;
	}
}

function isOwnFolder(path: string, uid: number | undefined): boolean {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	return stats?.isDirectory() === true && stats.uid === uid;
}
