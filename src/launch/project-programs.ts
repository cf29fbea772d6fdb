/** Finds the programs that a project has installed for itself, as npm scripts do: `vite`, `tsx`, `esbuild`. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findWorkingFolder } from '../os/working-folder.ts';

/** The file of that name in the nearest `node_modules/.bin`, from `folder` upwards; undefined if there is none. */
export function findProjectProgram(name: string, folder = findWorkingFolder()): string | undefined {
	if (folder === undefined) return undefined;
	const above = dirname(folder);
	const program = join(folder, 'node_modules', '.bin', name);
	if (isProgram(program) && isTrusted(folder)) return program;
	return above === folder ? undefined : findProjectProgram(name, above);
}

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return statSync(path).isFile();
	} catch {
		// ENOENT, EACCES, ENOTDIR, ELOOP: the program is looked for in PATH instead.
		return false;
	}
}

/**
 * Anybody can make a `node_modules` in a folder like /tmp: only the owner of the working directory, root and this user
 * are trusted.
 */
function isTrusted(folder: string): boolean {
	const owners = [process.getuid?.(), 0, statSync(process.cwd()).uid];
	return [join(folder, 'node_modules'), join(folder, 'node_modules', '.bin')].every(path => {
		const { uid, mode } = statSync(path);
		return owners.includes(uid) && (mode & 0o002) === 0;
	});
}
