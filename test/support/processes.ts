/** Looks at processes from outside, without the code under test. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Columns of ps(1) for a process, such as `ps(pid, 'ppid', 'sid', 'tty')`. */
export function ps(pid: number, ...columns: string[]): string[] {
	const output = columns.map(column => spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }));
	return output.map(({ stdout }) => stdout.trim());
}

/** Whether the process is gone, or is only an unreaped zombie without a running thread. */
export function isGone(pid: number): boolean {
	try {
		const status = readFileSync(`/proc/${pid}/status`, 'latin1');
		return /^State:\s+[ZX]/m.test(status) && /^Threads:\s+1$/m.test(status);
	} catch {
		// ENOENT: there is no such process. ESRCH: it ended during the look.
		return true;
	}
}
