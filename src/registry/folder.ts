/**
 * Where the registry is: a private folder of this user, in which every caller notes what has to be cleaned up after it.
 */
import { accessSync, constants, lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

/** The name of the folder. Each user has another name, as users may share the folder for temporary files. */
export const REGISTRY: string = `withdaemon-${process.getuid?.()}`;

/**
 * The registry is in `$XDG_RUNTIME_DIR`, if that folder is writable and belongs to this user (under sudo it may not),
 * else in the folder for temporary files.
 */
export function locateRegistry(runtime = process.env['XDG_RUNTIME_DIR'], temporary: string = tmpdir()): string {
	const uid = process.getuid?.();
	// The path has to be absolute, as the reaper works in /.
	return resolve(runtime && isOwnFolder(runtime, uid) ? runtime : temporary, REGISTRY);
}

function isOwnFolder(path: string, uid: number | undefined): boolean {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	if (stats?.isDirectory() !== true || stats.uid !== uid) return false;
	try {
		accessSync(path, constants.W_OK | constants.X_OK);
		return true;
	} catch {
		// EACCES: its mode forbids it. EROFS: a sandbox may mount it read-only.
		return false;
	}
}
