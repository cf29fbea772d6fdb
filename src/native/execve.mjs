/** The process becomes another program and keeps its pid, execve(2): by Node where it can, else by libc through koffi. */
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
	if (own !== undefined) return undefined;
	try {
		require.resolve('koffi');
		return undefined;
	} catch {
		// MODULE_NOT_FOUND: it is optional.
		return `Node ${process.versions.node} has no process.execve (22.15 and newer have), and the optional package koffi is not installed`;
	}
}

/**
 * The caller has looked at the file before: Node 22 and 24 abort when their own execve fails.
 *
 * @type {Execve}
 * @throws a system error, from koffi and from Node 26.
 */
export function execve(file, argv, env) {
	return own === undefined ? viaKoffi(file, argv, env) : own.call(process, file, argv, env);
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
