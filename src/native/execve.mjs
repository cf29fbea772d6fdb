/**
 * Turns the process into another program with the same pid, execve(2): through libc if it can be called, otherwise
 * through Node.
 */
import { constants } from 'node:os';
import { hasLibc, loadLibc, whyNoLibc } from './libc.mjs';

/** Exists since Node 22.15. */
const own = /** @type {{ execve?(file: string, argv: readonly string[], env: NodeJS.ProcessEnv): never }} */ (process)
	.execve;

/** fcntl(2): Linux and macOS use the same number. */
const F_SETFD = 2;

/** Why this process cannot use {@link execve}; undefined if it can. */
export function whyNoExecve() {
	const reason = own === undefined ? whyNoLibc() : undefined;
	return reason && `Node ${process.versions.node} has no process.execve (22.15 and newer have), and ${reason}`;
}

/**
 * @param {string} file
 * @param {readonly string[]} argv
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly number[]} descriptors what the program gets besides stdin, stdout and stderr; only libc can do that
 * @throws a system error. If Node's own execve fails, Node 22 and 24 abort, and Node 26 does not know every errno. So
 * libc is preferred, and the caller has to check the file first.
 */
export async function execve(file, argv, env, descriptors = []) {
	const libc = libcUnlessOwn(descriptors.length > 0);
	if (libc === undefined) return own?.call(process, file, argv, env);
	// Node marks them close-on-exec (uv_disable_stdio_inheritance), so the program would have no stdin, stdout and
	// stderr.
	for (const fd of [0, 1, 2, ...descriptors]) libc.fcntl(fd, F_SETFD, 0);
	const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
	libc.execve(file, argv, variables);
	const errno = libc.errno();
	const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
	const facts = { code, errno: -errno, syscall: 'execve', path: file };
	throw Object.assign(new ExecError(`${code}: execve '${file}'`), facts);
}

/** Undefined if Node's own way has to do. It passes no descriptors on. @param {boolean} hasDescriptors */
function libcUnlessOwn(hasDescriptors) {
	if (own !== undefined && !hasLibc()) return undefined;
	try {
		return loadLibc();
	} catch (error) {
		if (own === undefined || hasDescriptors) throw error;
		return undefined;
	}
}

class ExecError extends Error {}
