/** Whether a daemon that was asked to end has done so as it should. */
import type { ExitStatus } from '../error-text.ts';

/** What the kernel sends a process that does what it cannot, and what abort(3) and seccomp(2) send. */
const CRASHES = new Set<NodeJS.Signals | null>(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGSYS']);

/**
 * A crash; or an exit code that the user did not allow for. To end by the very signal that it was asked by is what a
 * daemon without a handler does.
 */
export function isBadEnd(
	{ code, signal }: ExitStatus,
	askedBy: NodeJS.Signals | undefined,
	successExitCodes: readonly number[] | undefined,
): boolean {
	if (signal !== null) return signal !== askedBy && CRASHES.has(signal);
	return code !== null && successExitCodes !== undefined && !successExitCodes.includes(code);
}
