/** Errors of the operating system, told apart by their errno. */
import { constants } from 'node:os';
import { getSystemErrorMap, types } from 'node:util';

export type Errno = keyof typeof constants.errno;

/** An error as Node's own system calls throw it, for what the library finds out without a failing system call. */
export function systemError(code: Errno, syscall: string, path: string): NodeJS.ErrnoException {
	const errno = -constants.errno[code];
	const text = getSystemErrorMap().get(errno)?.[1] ?? 'unknown error';
	const error: NodeJS.ErrnoException = new Error(`${code}: ${text}, ${syscall} '${path}'`);
	return Object.assign(error, { code, errno, syscall, path });
}

/** Whether a value is a system error with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly Errno[]): error is NodeJS.ErrnoException {
	// By its kind, not by `instanceof`: in a vm context, as vitest's vmThreads, Node's own errors have another `Error`.
	return types.isNativeError(error) && codes.some(code => code === (error as NodeJS.ErrnoException).code);
}
