/**
 * Marks what a test run starts, in two places that fork(2) and execve(2) hand on: a variable, and a resource limit, as
 * a process can clear its environment. The limit is that on the CPU time of real-time tasks, which has no effect on
 * others, and which neither the library nor its tests set.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const VARIABLE = 'WITHDAEMON_TEST_RUN';

/** Some hundred thousand years, in the µs of RLIMIT_RTTIME. */
export const toLimit = (run: string): string => String(2n ** 62n + BigInt(`0x${run}`));

/**
 * From now on, whatever this process starts is marked. macOS and a system without prlimit(1) only have the variable.
 */
export function markRun(run: string): void {
	process.env[VARIABLE] = run;
	spawnSync('prlimit', ['--pid', String(process.pid), `--rttime=${toLimit(run)}`]);
}

/** Whether a process belongs to the run. */
export function isMarked(pid: number, run: string): boolean {
	return read(pid, 'environ').includes(`${VARIABLE}=${run}`) || read(pid, 'limits').includes(toLimit(run));
}

/** Returns an empty text if there is no such process any more, or if its environment is another user's. */
export function read(pid: number, file: 'environ' | 'limits'): string {
	try {
		return readFileSync(`/proc/${pid}/${file}`, 'latin1');
	} catch {
		return '';
	}
}
