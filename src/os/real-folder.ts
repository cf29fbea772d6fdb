/** Finds the path by which a file is known, whichever way leads to its folder. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * The same for all paths that lead to a file, except for a symlink at the end of a path. A path whose folder cannot be
 * reached stays as it is: using it will report that.
 */
export function withRealFolder(path: string): string {
	try {
		return join(realpathSync.native(dirname(path)), basename(path));
	} catch {
		// ENOENT, ENOTDIR, EACCES, ELOOP.
		return path;
	}
}
