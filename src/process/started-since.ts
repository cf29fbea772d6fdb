/**
 * Lists the processes started since a moment: Linux assigns pids in order and starts again from the bottom at the
 * limit.
 */

import { readdirSync } from 'node:fs';
import { loadedLibc } from '../native/libc.mjs';
import { hasCode } from '../os/errno.ts';
import { withReserve } from '../os/reserve-descriptor.ts';
import { now } from '../time/clock.ts';
import { listProcesses, readProcess } from './linux.ts';
import type { Snapshot, StartPoint } from './process-info.ts';
import { readWhole } from './procfs.ts';

/** Up to this many pids are read one by one; listing /proc costs as much and grows with the machine. */
const FEW = 64;
/** An older count only makes the search more careful. */
const COUNT_MS = 1000;

let counted = { at: Number.NEGATIVE_INFINITY, forks: 0 };

/** Call this before the process with this pid has started any other. */
export function toStartPoint(pid: number): StartPoint {
	if (now() - counted.at > COUNT_MS) counted = { at: now(), forks: countForks() };
	return { pid, forks: counted.forks };
}

/** All processes that were started since the first of these moments. */
export function listStartedSince(...points: readonly StartPoint[]): Snapshot {
	return list(points);
}

/**
 * Like {@link listStartedSince}, but without processes whose session shows that none of these launchers has made them,
 * as far as that is cheaper to find out than to read /proc. That takes ten times as long as getsid(2), which anybody
 * may ask.
 */
export function listMadeSince(points: readonly StartPoint[], launchers: readonly StartPoint[]): Snapshot {
	return list(points, launchers);
}

function list(points: readonly StartPoint[], launchers?: readonly StartPoint[]): Snapshot {
	const forks = countForks();
	const newest = readNewest();
	const limit = readNumber('/proc/sys/kernel/pid_max');
	if (newest === undefined || limit === undefined)
		return { processes: listProcesses(), until: undefined, mayBeSince: () => true };
	// After nearly a whole round of pids their order says nothing any more, nor if there is no count (then this is NaN).
	const isInOrder = (point: StartPoint) => forks - point.forks <= limit / 2;
	const until = { pid: newest, forks };
	const mayBeSince = (pid: number, point: StartPoint) => !isInOrder(point) || isPidBetween(pid, point.pid, newest);
	if (!points.every(isInOrder)) return { processes: listProcesses(), until, mayBeSince };
	const count = Math.max(...points.map(({ pid }) => (newest - pid + limit) % limit));
	const pids = pidsBetween((newest - count + limit) % limit, newest, limit);
	const getsid = launchers && loadedLibc()?.getsid;
	const mayBeTheirs = (pid: number) => {
		const sid = getsid?.(pid) ?? -1;
		// ESRCH: it is gone. EPERM: a security module forbids to ask.
		return sid === -1 || launchers?.some(each => each.pid === sid || mayBeSince(sid, each));
	};
	const processes = pids.filter(mayBeTheirs).map(readProcess);
	return { processes: processes.filter(facts => facts !== undefined), until, mayBeSince };
}

/** Whether no process was started after this one. */
export function isNewest({ pid }: StartPoint): boolean {
	return readNewest() === pid;
}

/** The number assigned last, to a process or a thread; undefined if the kernel does not say. */
const readNewest = () => readNumber('/proc/sys/kernel/ns_last_pid');

function pidsBetween(first: number, last: number, limit: number): number[] {
	const count = (last - first + limit) % limit;
	if (count <= FEW) return Array.from({ length: count }, (_, index) => ((first + index) % limit) + 1);
	const pids = withReserve(() => readdirSync('/proc')).map(Number);
	return pids.filter(pid => isPidBetween(pid, first, last));
}

/** Whether a pid was assigned after `first` and not after `last`, within one round. */
export function isPidBetween(pid: number, first: number, last: number): boolean {
	return first <= last ? pid > first && pid <= last : pid > first || pid <= last;
}

/** The forks of the whole machine since boot, threads included (proc_stat(5)). */
function countForks(): number {
	return Number(/^processes (\d+)$/m.exec(read('/proc/stat') ?? '')?.[1] ?? Number.POSITIVE_INFINITY);
}

function readNumber(path: string): number | undefined {
	const text = read(path);
	return text === undefined ? undefined : Number(text);
}

/**
 * ENOENT: a kernel without checkpointing has no ns_last_pid. EACCES: a container hides facts about the whole machine.
 */
function read(path: string): string | undefined {
	try {
		return withReserve(() => readWhole(path));
	} catch (error) {
		if (hasCode(error, 'ENOENT', 'EACCES')) return undefined;
		throw error;
	}
}
