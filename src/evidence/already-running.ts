/** Whose PID file it is: the error for a start that has found a living process in it. */
import { AlreadyRunningError } from '../errors.ts';
import { printable } from '../printable.ts';
import { readCommandLine } from '../process/table.ts';

export function alreadyRunningError(name: string, pid: number, pidFile: string): AlreadyRunningError {
	return new AlreadyRunningError(name, pid, {
		evidence: [
			['pid file', pidFile],
			['command', printable(readCommandLine(pid) ?? 'unknown')],
		],
	});
}
