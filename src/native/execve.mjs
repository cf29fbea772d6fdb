/** The process becomes another program and keeps its pid, execve(2): by libc through koffi, else by Node where it can. */
import { createRequire } from 'node:module';
import { constants } from 'node:os';

/** @typedef {(file: string, argv: readonly string[], env: NodeJS.ProcessEnv) => never} Execve */

const require = createRequire(import.meta.url);
/** Since Node 22.15. */
const own = /** @type {{ execve?: Execve }} */ (process).execve;

/** fcntl(2): the same number on Linux and macOS. */
const F_SETFD = 2;

/** Why this process could not use {@link execve}; undefined if it could. */
export function whyNoExecve() {
	if (own !== undefined || hasKoffi()) return undefined;
	return `Node ${process.versions.node} has no process.execve (22.15 and newer have), and the optional package koffi is not installed`;
}

function hasKoffi() {
	try {
		require.resolve('koffi');
		return true;
	} catch {
		// MODULE_NOT_FOUND: it is optional.
		return false;
	}
}

/**
 * @type {Execve}
 * @throws a system error. But when Node's own execve fails, Node 22 and 24 abort, and Node 26 does not know every errno: so
 * koffi comes first, and the caller looks at the file before.
 */
export function execve(file, argv, env) {
	return own === undefined || hasKoffi() ? viaKoffi(file, argv, env) : own.call(process, file, argv, env);
}

/** @type {Execve} */
function viaKoffi(file, argv, env) {
	/** @type {typeof import('koffi')} */
	const koffi = require('koffi');
	const libc = koffi.load(null);
	const setFlags = libc.func('int fcntl(int fd, int command, ...)');
	// Node marks them close-on-exec (uv_disable_stdio_inheritance): the program would have no stdin, stdout and stderr.
	for (const fd of [0, 1, 2]) setFlags(fd, F_SETFD, 'int', 0);
	const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
	const call = libc.func('int execve(const char *file, const char **argv, const char **envp)');
	call(file, [...argv, null], [...variables, null]);
	const errno = koffi.errno();
	const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
	throw Object.assign(new ExecError(`${code}: execve '${file}'`), {
		code,
		errno: -errno,
		syscall: 'execve',
		path: file,
	});
}

class ExecError extends Error {}
