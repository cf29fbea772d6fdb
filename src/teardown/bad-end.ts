/** Whether a daemon that was asked to end has ended badly. */
import type { ExitStatus } from '../error-text.ts';

/** The signals of the kernel for faults, and those of abort(3) and seccomp(2). */
const CRASHES = new Set<NodeJS.Signals | null>(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGSYS']);

/**
 * True for a crash, and for an exit code that the user does not allow. A daemon without a handler ends by the signal
 * that asked it to end, which is fine.
 */
export function isBadEnd(
	{ code, signal }: ExitStatus,
	askedBy: NodeJS.Signals | undefined,
	successExitCodes: readonly number[] | undefined,
): boolean {
	if (signal !== null) return signal !== askedBy && CRASHES.has(signal);
	return code !== null && successExitCodes !== undefined && !successExitCodes.includes(code);
}
