/** The programs that a project has installed for itself, as npm scripts find them: `vite`, `tsx`, `esbuild`. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The file of that name in `node_modules/.bin` of `folder` or of one above it, the nearest; undefined if there is none. */
export function findProjectProgram(name: string, folder = workingFolder()): string | undefined {
	if (folder === undefined) return undefined;
	const above = dirname(folder);
	const program = join(folder, 'node_modules', '.bin', name);
	if (isProgram(program) && isTrusted(folder)) return program;
	return above === folder ? undefined : findProjectProgram(name, above);
}

function workingFolder(): string | undefined {
	try {
		return process.cwd();
	} catch {
		// ENOENT: it was removed.
		return undefined;
	}
}

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return statSync(path).isFile();
	} catch {
		// ENOENT, EACCES, ENOTDIR, ELOOP: then PATH says what there is.
		return false;
	}
}

/** In a folder like /tmp anybody may make a `node_modules`: those who own the working directory are believed, and root. */
function isTrusted(folder: string): boolean {
	const owners = [process.getuid?.(), 0, statSync(process.cwd()).uid];
	return [join(folder, 'node_modules'), join(folder, 'node_modules', '.bin')].every(path => {
		const { uid, mode } = statSync(path);
		return owners.includes(uid) && (mode & 0o002) === 0;
	});
}
