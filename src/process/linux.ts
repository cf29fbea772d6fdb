/** What Linux says about processes, through /proc. */

import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { withReserve } from '../os/reserve-descriptor.ts';
import { wallClock } from '../time/clock.ts';
import type { ConditionRow, ProcessInfo, SignalDispositions } from './process-info.ts';
import { isGone, listPids, readProc } from './procfs.ts';
import { toSignal } from './signals.ts';
import { describeSockets } from './sockets.ts';

/** USER_HZ, the unit of starttime: 100 on every architecture that Node runs on (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

// Taken when the library is imported: a test that fakes the time later means its own.
const { hrtime } = process;

/** `/proc/N/stat` is there for threads, too, although a listing of /proc does not show them: those are no processes. */
export function readProcess(pid: number): ProcessInfo | undefined {
	const stat = withReserve(() => readStat(`/proc/${pid}/stat`));
	return stat === undefined || isThread(stat) ? undefined : parseStat(stat);
}

/** A name of 16 bytes and some fifty numbers. */
const room = Buffer.alloc(2048);

/** Half of what readFileSync takes, for what is read most. */
function readStat(path: string): string | undefined {
	let file: number | undefined;
	try {
		file = openSync(path, 'r');
		return room.toString('latin1', 0, readSync(file, room));
	} catch (error) {
		if (isGone(error)) return undefined;
		throw error;
	} finally {
		if (file !== undefined) closeSync(file);
	}
}

export function listProcesses(): ProcessInfo[] {
	return listPids()
		.map(readProcess)
		.filter(facts => facts !== undefined);
}

/** The user whose process it is, as getuid(2) tells it: not the owner of its folder, which is root where it shuns core dumps. */
export function readOwner(pid: number): number | undefined {
	const [, uid] = /^Uid:\s*(\d+)/m.exec(readProc(`${pid}/status`) ?? '') ?? [];
	return uid === undefined ? undefined : Number(uid);
}

/** The command line as typed; a kernel thread or a zombie has none, so its name in brackets. */
export function readCommandLine(pid: number): string | undefined {
	const cmdline = readProc(`${pid}/cmdline`);
	if (cmdline) return Buffer.from(cmdline, 'latin1').toString().replace(/\0+$/, '').replaceAll('\0', ' ');
	const comm = readProc(`${pid}/comm`);
	return comm === undefined ? undefined : `[${comm.trim()}]`;
}

/** Those that were started with this in their environment. One that writes over it, as setproctitle(3) does, was not. */
export function findStartedWith(variable: string, pids: readonly number[]): Set<number> {
	return new Set(pids.filter(pid => wasStartedWith(pid, variable)));
}

function wasStartedWith(pid: number, variable: string): boolean {
	try {
		return `\0${readProc(`${pid}/environ`) ?? ''}`.includes(`\0${variable}\0`);
	} catch (error) {
		// Another user's. What we have started may have become another user, too, but then only root may end it.
		if (hasCode(error, 'EACCES', 'EPERM')) return false;
		throw error;
	}
}

/** Those whose soft limit on the resident set is this one, in bytes: world-readable, unlike the environment. */
export function findLimitedTo(bytes: bigint, pids: readonly number[]): Set<number> {
	const line = new RegExp(`^Max resident set +${bytes} `, 'm');
	return new Set(pids.filter(pid => line.test(readProc(`${pid}/limits`) ?? '')));
}

/** A thread group whose first thread has ended shows state Z although the others still run (pthread_exit in main). */
export function hasLivingThreads(pid: number): boolean {
	try {
		return withReserve(() => readdirSync(`/proc/${pid}/task`)).length > 1;
	} catch (error) {
		if (isGone(error)) return false;
		throw error;
	}
}

/** Ms since the epoch, exact to one tick (10 ms), and as good as the clock: a clock that was set moves it. */
export function startedAt(facts: ProcessInfo): number {
	const uptime = Number.parseFloat(withReserve(() => readFileSync('/proc/uptime', 'latin1')));
	// In a container /proc/uptime may be the container's (lxcfs); the monotonic clock is not, but it stands still in sleep.
	const sinceBoot = Math.max(uptime, Number(hrtime.bigint()) / 1e9);
	return wallClock() - (sinceBoot - Number(facts.startTime) / TICKS_PER_SECOND) * 1000;
}

/**
 * Whether this is a thread other than the first of its process. The signal for the parent (field 38) says so without
 * another read: clone(2) makes it -1 for what it puts into the thread group of its caller, and no process can have that.
 */
export function isThread(stat: string): boolean {
	return fieldsOf(stat)(38) === '-1';
}

/** proc_pid_stat(5). The name is in parentheses and may hold anything, parentheses too: count from the last `)`. */
function fieldsOf(stat: string): (number: number) => string {
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return number => fields[number - 3] ?? '';
}

export function parseStat(stat: string): ProcessInfo {
	const field = fieldsOf(stat);
	return {
		pid: Number.parseInt(stat, 10),
		state: field(3),
		ppid: Number(field(4)),
		pgid: Number(field(5)),
		sid: Number(field(6)),
		startTime: field(22),
	};
}

/** Node ignores them for itself and for what it spawns: that says nothing about the daemon. */
const IGNORED_BY_NODE = new Set<NodeJS.Signals>(['SIGPIPE', 'SIGXFSZ' as NodeJS.Signals]);

/** What keeps a process: its state, where it waits in the kernel, the signals it ignores, blocks or handles, its sockets. */
export function readCondition(pid: number): ConditionRow[] {
	const field = readStatus(pid);
	const dispositions = readDispositions(pid);
	if (field === undefined || dispositions === undefined) return [];
	const waitsIn = readProc(`${pid}/wchan`);
	const where = waitsIn && waitsIn !== '0' ? `, waits in ${waitsIn}` : '';
	return [
		['state', `${field('State')}${where}, threads: ${field('Threads')}`],
		['ignores', dispositions.ignored.filter(signal => !IGNORED_BY_NODE.has(signal)).join(' ')],
		['blocks', dispositions.blocked.join(' ')],
		['handles', dispositions.handled.join(' ')],
		['sockets', describeSockets(pid).join(', ')],
	].filter((row): row is [string, string] => row[1] !== '');
}

/** What it does with signals; undefined if it is gone. */
export function readDispositions(pid: number): SignalDispositions | undefined {
	const field = readStatus(pid);
	if (field === undefined) return undefined;
	const read = (name: string) => parseSignalSet(field(name));
	const blocked = read('SigBlk');
	const unheard = read('ShdPnd').filter(signal => blocked.includes(signal));
	return { ignored: read('SigIgn'), blocked, unheard, handled: read('SigCgt') };
}

/** PF_EXITING of the kernel's sched.h: it closes its files and gives back its memory, which may take a while. */
const EXITING = 0x4;

/**
 * Whether it will end, whatever anybody does, although it is there still. The kernel turns any signal that ends a process
 * into a SIGKILL for each of its threads, which waits until they are scheduled.
 */
export function isDoomed(pid: number): boolean {
	if (parseSignalSet(readStatus(pid)?.('SigPnd') ?? '').includes('SIGKILL')) return true;
	// The other order would miss one that begins to exit between the two looks.
	const stat = withReserve(() => readStat(`/proc/${pid}/stat`));
	return stat !== undefined && (Number(fieldsOf(stat)(9)) & EXITING) !== 0;
}

/** The fields of proc_pid_status(5), by their names. */
function readStatus(pid: number): ((name: string) => string) | undefined {
	const status = readProc(`${pid}/status`);
	if (status === undefined) return undefined;
	return name => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
}

/** A mask of proc_pid_status(5): bit N - 1 is signal N. */
export function parseSignalSet(mask: string): NodeJS.Signals[] {
	const bits = BigInt(`0x${mask || '0'}`);
	const numbers = Array.from({ length: 31 }, (_, index) => index + 1).filter(n => (bits >> BigInt(n - 1)) & 1n);
	return numbers.map(toSignal).filter(signal => signal !== undefined);
}
