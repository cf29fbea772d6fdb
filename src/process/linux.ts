/** Reads processes of Linux through /proc. */

import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { withReserve } from '../os/reserve-descriptor.ts';
import { wallClock } from '../time/clock.ts';
import type { ConditionRow, ProcessInfo, SignalDispositions } from './process-info.ts';
import { isGone, listPids, readLink, readProc } from './procfs.ts';
import { toSignal } from './signals.ts';
import { describeSockets } from './sockets.ts';

/** USER_HZ, the unit of starttime: 100 on every architecture that Node runs on (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;
/** How much time may pass between two looks at clocks that belong together. */
const CLOCKS_APART_MS = 20;

// Taken when the library is imported, so that a test which fakes the time later does not affect it.
const { hrtime } = process;

/** `/proc/N/stat` also exists for threads, although a listing of /proc does not show them. */
export function readProcess(pid: number): ProcessInfo | undefined {
	const stat = withReserve(() => readStat(`/proc/${pid}/stat`));
	if (stat === undefined) return undefined;
	const field = fieldsOf(stat);
	return isThread(field) ? undefined : parseStat(stat, field);
}

/** The file has a name of 16 bytes and some fifty numbers. */
const room = Buffer.alloc(2048);

/** This takes half the time of readFileSync, for the file that is read most often. */
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

/**
 * The real user id, as getuid(2) returns it. The owner of `/proc/N` is root if the process cannot dump core (proc(5)).
 */
export function readOwner(pid: number): number | undefined {
	const [, uid] = /^Uid:\s*(\d+)/m.exec(readProc(`${pid}/status`) ?? '') ?? [];
	return uid === undefined ? undefined : Number(uid);
}

/** The command line as typed; for a kernel thread or a zombie, which has none, its name in brackets. */
export function readCommandLine(pid: number): string | undefined {
	const cmdline = readProc(`${pid}/cmdline`);
	if (cmdline) return Buffer.from(cmdline, 'latin1').toString().replace(/\0+$/, '').replaceAll('\0', ' ');
	const comm = readProc(`${pid}/comm`);
	return comm === undefined ? undefined : `[${comm.trim()}]`;
}

/** The folder in which a process works; undefined if that is hidden. */
export function readWorkingFolder(pid: number): string | undefined {
	return readLink(`/proc/${pid}/cwd`);
}

/** The processes whose environment shows this variable. A process can overwrite it, as setproctitle(3) does. */
export function findStartedWith(variable: string, pids: readonly number[]): Set<number> {
	return new Set(pids.filter(pid => wasStartedWith(pid, variable)));
}

function wasStartedWith(pid: number, variable: string): boolean {
	try {
		return `\0${readProc(`${pid}/environ`) ?? ''}`.includes(`\0${variable}\0`);
	} catch (error) {
		// Another user's process. A daemon that changed its user may be one, but only root could signal it.
		if (hasCode(error, 'EACCES', 'EPERM')) return false;
		throw error;
	}
}

/**
 * The processes with this soft limit on the resident set, in bytes. Limits are world-readable, unlike the environment.
 */
export function findLimitedTo(bytes: bigint, pids: readonly number[]): Set<number> {
	const line = new RegExp(`^Max resident set +${bytes} `, 'm');
	return new Set(pids.filter(pid => line.test(readProc(`${pid}/limits`) ?? '')));
}

/** A process whose first thread has ended shows state Z although its other threads still run (pthread_exit in main). */
export function hasLivingThreads(pid: number): boolean {
	return listThreads(pid).length > 1;
}

function listThreads(pid: number): string[] {
	try {
		return withReserve(() => readdirSync(`/proc/${pid}/task`));
	} catch (error) {
		if (isGone(error)) return [];
		throw error;
	}
}

/** Whether no thread of it runs, as a signal has stopped them (SIGSTOP) or it is gone. They do not stop all at once. */
export function isStopped(pid: number): boolean {
	const stats = listThreads(pid).map(thread => withReserve(() => readStat(`/proc/${pid}/task/${thread}/stat`)));
	return stats.every(stat => stat === undefined || /[TtZX]/.test(fieldsOf(stat)(3)));
}

/** Ms since the epoch, exact to one tick (10 ms). It moves if somebody sets the clock. */
export function startedAt(facts: ProcessInfo): number {
	// Preempted between the two clocks, this process would take the other one for younger than it is.
	for (let attempt = 1; ; attempt += 1) {
		const before = wallClock();
		const uptime = Number.parseFloat(withReserve(() => readFileSync('/proc/uptime', 'latin1')));
		// In a container /proc/uptime may be the container's own (lxcfs). The monotonic clock is not, but it stops during
		// suspend.
		const sinceBoot = Math.max(uptime, Number(hrtime.bigint()) / 1e9);
		if (wallClock() - before < CLOCKS_APART_MS || attempt === 10)
			return before - (sinceBoot - Number(facts.startTime) / TICKS_PER_SECOND) * 1000;
	}
}

type Fields = (number: number) => string;

/** The last field that is looked at. */
const LAST_FIELD = 38;

/**
 * proc_pid_stat(5). The name in parentheses may itself contain parentheses, so fields are counted from the last `)`.
 */
function fieldsOf(stat: string): Fields {
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', LAST_FIELD - 2);
	return number => fields[number - 3] ?? '';
}

/**
 * Whether this is a thread other than the first of its process. Field 38, the signal for the parent, shows it without
 * another read: clone(2) sets it to -1 for a new thread, and no process can have -1.
 */
function isThread(field: Fields): boolean {
	return field(38) === '-1';
}

export function parseStat(stat: string, field: Fields = fieldsOf(stat)): ProcessInfo {
	return {
		pid: Number.parseInt(stat, 10),
		state: field(3),
		ppid: Number(field(4)),
		pgid: Number(field(5)),
		sid: Number(field(6)),
		isExiting: (Number(field(9)) & EXITING) !== 0,
		startTime: field(22),
	};
}

/** PF_EXITING of the kernel's sched.h. */
const EXITING = 0x4;

/** Node ignores these signals for itself and for its children, so they say nothing about the daemon. */
const IGNORED_BY_NODE = new Set<NodeJS.Signals>(['SIGPIPE', 'SIGXFSZ' as NodeJS.Signals]);

/**
 * Why a process may still be there: its state, where it waits in the kernel, what it does with signals, its sockets.
 */
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

/** The way in which a process treats signals; undefined if the process is gone. */
export function readDispositions(pid: number): SignalDispositions | undefined {
	const field = readStatus(pid);
	if (field === undefined) return undefined;
	const read = (name: string) => parseSignalSet(field(name));
	const blocked = read('SigBlk');
	const pending = read('ShdPnd').filter(signal => blocked.includes(signal));
	return { ignored: read('SigIgn'), blocked, pending, handled: read('SigCgt') };
}

/** The sets of pending signals of a thread and of its process, as masks that contain SIGKILL: bit 8 is signal 9. */
const WITH_SIGKILL = /^S(?:ig|hd)Pnd:\s*[\da-f]*[13579bdf][\da-f]{2}$/m;

/**
 * Whether a signal that will certainly end the process is on its way. The kernel turns any such signal into a SIGKILL
 * for each of its threads, which stays pending until the thread is scheduled.
 */
export function isKilled(pid: number): boolean {
	return WITH_SIGKILL.test(readProc(`${pid}/status`) ?? '');
}

/** The fields of proc_pid_status(5), by their names. */
function readStatus(pid: number): ((name: string) => string) | undefined {
	const status = readProc(`${pid}/status`);
	if (status === undefined) return undefined;
	return name => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
}

/** Parses a mask of proc_pid_status(5): bit N - 1 is signal N. */
export function parseSignalSet(mask: string): NodeJS.Signals[] {
	const bits = BigInt(`0x${mask || '0'}`);
	const numbers = Array.from({ length: 31 }, (_, index) => index + 1).filter(n => (bits >> BigInt(n - 1)) & 1n);
	return numbers.map(toSignal).filter(signal => signal !== undefined);
}
