/** Looks at processes from outside, without the code under test. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Columns of ps(1) for a process, such as `ps(pid, 'ppid', 'sid', 'tty')`. */
export function ps(pid: number, ...columns: string[]): string[] {
	const output = columns.map(column => spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }));
	return output.map(({ stdout }) => stdout.trim());
}

/** Whether there is no such process, or only a zombie that nobody has reaped yet, without a thread that still runs. */
export function isGone(pid: number): boolean {
	try {
		const status = readFileSync(`/proc/${pid}/status`, 'latin1');
		return /^State:\s+[ZX]/m.test(status) && /^Threads:\s+1$/m.test(status);
	} catch {
		// ENOENT: there is none. ESRCH: it went while it was looked at.
		return true;
	}
}
