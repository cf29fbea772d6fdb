/** Which processes can only have been started since a moment: Linux gives pids in order, and begins anew at the limit. */

import { readdirSync, readFileSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { withReserve } from '../os/reserve-descriptor.ts';
import { now } from '../time/clock.ts';
import { listProcesses, readProcess } from './linux.ts';
import type { Look, StartPoint } from './process-info.ts';

/** So many pids are looked at one by one; to list /proc takes as long, and longer the more processes there are. */
const FEW = 64;
/** An older count only makes the search more careful. */
const COUNT_MS = 1000;

let counted = { at: Number.NEGATIVE_INFINITY, forks: 0 };

/** To be asked for before the process with this pid has started anything. */
export function toStartPoint(pid: number): StartPoint {
	if (now() - counted.at > COUNT_MS) counted = { at: now(), forks: countForks() };
	return { pid, forks: counted.forks };
}

/** All processes that were started since the first of these moments. */
export function listStartedSince(...marks: readonly StartPoint[]): Look {
	const forks = countForks();
	const newest = readNewest();
	const limit = readNumber('/proc/sys/kernel/pid_max');
	if (newest === undefined || limit === undefined) return { processes: listProcesses(), until: undefined };
	const until = { pid: newest, forks };
	// Near a whole round a number says nothing any more; nor if nobody could count (then this is NaN).
	if (!marks.every(mark => forks - mark.forks <= limit / 2)) return { processes: listProcesses(), until };
	const count = Math.max(...marks.map(({ pid }) => (newest - pid + limit) % limit));
	const pids = pidsBetween((newest - count + limit) % limit, newest, limit);
	return { processes: pids.map(readProcess).filter(facts => facts !== undefined), until };
}

/** Whether no process was started after it. */
export function isNewest({ pid }: StartPoint): boolean {
	return readNewest() === pid;
}

/** What was given last, to a process or a thread; undefined where the kernel does not say. */
const readNewest = () => readNumber('/proc/sys/kernel/ns_last_pid');

function pidsBetween(first: number, last: number, limit: number): number[] {
	const count = (last - first + limit) % limit;
	if (count <= FEW) return Array.from({ length: count }, (_, index) => ((first + index) % limit) + 1);
	const pids = withReserve(() => readdirSync('/proc')).map(Number);
	return pids.filter(pid => isPidBetween(pid, first, last));
}

/** Whether a pid was given after `first` and not after `last`, in at most one round. */
export function isPidBetween(pid: number, first: number, last: number): boolean {
	return first <= last ? pid > first && pid <= last : pid > first || pid <= last;
}

/** Of the whole machine, threads included, since it was started (proc_stat(5)). */
function countForks(): number {
	return Number(/^processes (\d+)$/m.exec(read('/proc/stat') ?? '')?.[1] ?? Number.POSITIVE_INFINITY);
}

function readNumber(path: string): number | undefined {
	const text = read(path);
	return text === undefined ? undefined : Number(text);
}

/** ENOENT: a kernel that cannot checkpoint has no ns_last_pid. EACCES: a container hides what is of the whole machine. */
function read(path: string): string | undefined {
	try {
		return withReserve(() => readFileSync(path, 'latin1'));
	} catch (error) {
		if (hasCode(error, 'ENOENT', 'EACCES')) return undefined;
		throw error;
	}
}
