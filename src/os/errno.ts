/** Errors of the operating system, distinguished by their errno. */
import { constants } from 'node:os';
import { getSystemErrorMap, getSystemErrorName, types } from 'node:util';

export type Errno = keyof typeof constants.errno;

/** An error like those of Node's system calls, for a problem that the library finds before a system call fails. */
export function systemError(code: Errno, syscall: string, path: string): NodeJS.ErrnoException {
	const errno = -constants.errno[code];
	const text = getSystemErrorMap().get(errno)?.[1] ?? 'unknown error';
	const error: NodeJS.ErrnoException = new Error(`${code}: ${text}, ${syscall} '${path}'`);
	return Object.assign(error, { code, errno, syscall, path });
}

/** The same for an errno as libuv has it, a negative number. */
export function systemErrorOf(errno: number, syscall: string, path: string): NodeJS.ErrnoException {
	return systemError(getSystemErrorName(errno) as Errno, syscall, path);
}

/** Whether a value is a system error with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly Errno[]): error is NodeJS.ErrnoException {
	// Not `instanceof`: in a vm context, such as that of vitest's vmThreads, Node's own errors have another `Error`.
	return types.isNativeError(error) && codes.some(code => code === (error as NodeJS.ErrnoException).code);
}
