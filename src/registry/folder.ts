/** Where the registry is: a private folder of this user's, in which every caller writes down what would have to be cleaned up after it. */
import { accessSync, constants, lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

/** The name of the folder. Each user has one, as they may share the folder for temporary files. */
export const REGISTRY: string = `withdaemon-${process.getuid?.()}`;

/**
 * In `$XDG_RUNTIME_DIR`, if that is the user's own (under sudo it may be another's) and can be written, else in the folder
 * for temporary files.
 */
export function locateRegistry(): string {
	const runtime = process.env['XDG_RUNTIME_DIR'];
	const uid = process.getuid?.();
	// Absolute, as the reaper works in /.
	return resolve(runtime && isOwnFolder(runtime, uid) ? runtime : tmpdir(), REGISTRY);
}

function isOwnFolder(path: string, uid: number | undefined): boolean {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	if (stats?.isDirectory() !== true || stats.uid !== uid) return false;
	try {
		accessSync(path, constants.W_OK | constants.X_OK);
		return true;
	} catch {
		// EACCES: its mode; EROFS: in a sandbox it may be mounted for reading only.
		return false;
	}
}
