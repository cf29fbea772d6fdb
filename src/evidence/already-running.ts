/** Whose PID file it is: the error for a start that has found a living process in it. */
import { AlreadyRunningError } from '../errors.ts';
import { whenExecuted } from '../launch/daemon-process.ts';
import { printable } from '../printable.ts';
import { readCommandLine } from '../process/table.ts';
import { settlesWithin } from '../time/deadline.ts';

/** How long it may be a shell of this library's still, which tells nothing of what it will be. */
const EXEC_MS = 1000;

export async function alreadyRunningError(name: string, pid: number, pidFile: string): Promise<AlreadyRunningError> {
	await settlesWithin(whenExecuted(pid), EXEC_MS);
	return new AlreadyRunningError(name, pid, {
		evidence: [
			['pid file', pidFile],
			['command', printable(readCommandLine(pid) ?? 'unknown')],
		],
	});
}
