/** Reads processes of macOS through ps(1): there is no /proc, and libproc needs native code. */
import { childProcess } from '../builtins.ts';
import type { Protocol } from '../error-text.ts';
import type { ConditionRow, Listener, ProcessInfo, SignalDispositions, Snapshot, StartPoint } from './process-info.ts';
import { sendSignal } from './signals.ts';
import type { UnixListener } from './unix-sockets.ts';

/** `lstart` is printed in the locale's words and the local time zone, hence the two variables. */
const COLUMNS = ['-o', 'pid=,ppid=,pgid=,state=,lstart='];
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export function readProcess(pid: number): ProcessInfo | undefined {
	// ps costs some 10 ms; kill(2) says "no such process" in microseconds.
	if (sendSignal(pid, 0) === 'ESRCH') return undefined;
	return parsePs(ps([...COLUMNS, '-p', String(pid)]))[0];
}

export function listProcesses(): ProcessInfo[] {
	return parsePs(ps(['-A', ...COLUMNS]));
}

/** macOS does not say which pid it assigned last. */
export function toStartPoint(pid: number): StartPoint {
	return { pid, forks: 0 };
}

export function listStartedSince(..._points: readonly StartPoint[]): Snapshot {
	return { processes: listProcesses(), until: undefined, mayBeSince: () => true };
}

export function listMadeSince(_points: readonly StartPoint[], _launchers: readonly StartPoint[]): Snapshot {
	return listStartedSince();
}

/** macOS does not say which pid it assigned last, so any process may be the newest. */
export function isNewest(_point: StartPoint): boolean {
	return true;
}

export function readOwner(pid: number): number | undefined {
	const uid = ps(['-o', 'ruid=', '-p', String(pid)]).trim();
	return uid === '' ? undefined : Number(uid);
}

/** Without `-ww`, ps cuts the line to the width of a terminal, or to 79 characters where there is none. */
export function readCommandLine(pid: number): string | undefined {
	return parseCommandLine(ps(['-ww', '-o', 'command=', '-p', String(pid)]));
}

/** As on Linux, what has no command line, such as a process in execve(2), is a name in brackets; ps has parentheses. */
export function parseCommandLine(output: string): string | undefined {
	return output.trim().replace(/^\((.*)\)$/, '[$1]') || undefined;
}

/** The processes that were started with this variable. One ps serves all of them, as each ps costs some 10 ms. */
export function findStartedWith(variable: string, pids: readonly number[]): Set<number> {
	return pids.length === 0 ? new Set() : parseEnvironments(ps(['-A', '-E', '-ww', '-o', 'pid=,command=']), variable);
}

/** On macOS only the process itself can read its limits. */
export function findLimitedTo(_bytes: bigint, _pids: readonly number[]): Set<number> {
	return new Set();
}

/** `-E` prints the environment after the command, for the user's own processes only: `  501 sleep 1000 A=1 B=2`. */
export function parseEnvironments(output: string, variable: string): Set<number> {
	const lines = output.split('\n').map(line => line.trim().split(/\s+/));
	return new Set(lines.filter(words => words.includes(variable)).map(([pid]) => Number(pid)));
}

/** Why a process may still be there, as far as ps shows: its state, and where it waits in the kernel. */
export function readCondition(pid: number): ConditionRow[] {
	const [state = '', where = '-'] = ps(['-o', 'state=,wchan=', '-p', String(pid)])
		.trim()
		.split(/\s+/);
	return state === '' ? [] : [['state', where === '-' ? state : `${state}, waits in ${where}`]];
}

/** ps(1) of macOS does not show which signals a process ignores. */
export function readDispositions(_pid: number): SignalDispositions | undefined {
	return undefined;
}

/** ps(1) does not show pending signals. */
export function isKilled(_pid: number): boolean {
	return false;
}

/** There is no /proc that could be missing. */
export function whyBlind(): string | undefined {
	return undefined;
}

/** Uses lsof(8), which comes with the system. Only root sees the sockets of other users. */
export function findListeners(port: number, _among?: readonly number[], protocol: Protocol = 'tcp'): Listener[] {
	const only = protocol === 'udp' ? [`-iUDP:${port}`] : [`-iTCP:${port}`, '-sTCP:LISTEN'];
	const args = ['-nP', ...only, '-Fputn'];
	return parseLsof(childProcess().spawnSync('/usr/sbin/lsof', args, { encoding: 'utf8' }).stdout ?? '');
}

/** lsof(8) does not tell which unix sockets listen. */
export function listUnixListeners(): UnixListener[] {
	return [];
}

/** Sockets have no inodes on macOS. */
export function findSocketHolders(_inodes: ReadonlySet<string>, _among?: readonly number[]): Map<string, number[]> {
	return new Map();
}

/** The folder in which a process works. */
export function readWorkingFolder(pid: number): string | undefined {
	const { stdout } = childProcess().spawnSync('/usr/sbin/lsof', ['-a', '-d', 'cwd', '-p', String(pid), '-Fn'], {
		encoding: 'utf8',
	});
	return /^n(.*)$/m.exec(stdout ?? '')?.[1];
}

/**
 * lsof prints a line for each field: `p4211`, `u501`, and for each of the process's sockets `f6`, `tIPv4`,
 * `n127.0.0.1:8080`. A socket for all addresses is `n*:8080`, and only its type tells of which family.
 */
export function parseLsof(output: string): Listener[] {
	const listeners: Listener[] = [];
	let [pid, uid] = [0, 0];
	let all = '::';
	for (const [, field, value = ''] of output.matchAll(/^(.)(.*)$/gm)) {
		if (field === 'p') pid = Number(value);
		if (field === 'u') uid = Number(value);
		if (field === 't') all = value === 'IPv4' ? '0.0.0.0' : '::';
		const name = value.slice(0, value.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
		const address = name === '*' ? all : name;
		// A socket that is connected to one peer receives from nobody else: `n127.0.0.1:53->127.0.0.1:4711`.
		if (field === 'n' && !value.includes('->')) listeners.push({ address, pids: [pid], uid });
	}
	return listeners;
}

/** ps shows the state of the process, not of its first thread, so Z always means a zombie. */
export function hasLivingThreads(): boolean {
	return false;
}

/** Whether a signal has stopped it, or it is gone. */
export function isStopped(pid: number): boolean {
	const { state = 'T' } = readProcess(pid) ?? {};
	return state === 'T' || state === 'Z';
}

/** Ms since the epoch, exact to a second, as lstart is. */
export function startedAt(facts: ProcessInfo): number {
	return Date.parse(`${facts.startTime} UTC`);
}

/**
 * Parses lines such as `  501   1   501 Ss   Sun Nov 22 10:04:05 2026`. macOS prints 0 for every session (`sess`), so
 * the session is left out, and processes are found by their group there.
 */
export function parsePs(output: string): ProcessInfo[] {
	return [...output.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S)(\S*)\s+(\S.*?)\s*$/gm)].map(
		([, pid, ppid, pgid, state = '', flags = '', startTime = '']) => ({
			pid: Number(pid),
			ppid: Number(ppid),
			pgid: Number(pgid),
			sid: undefined,
			state,
			// E: "The process is trying to exit" (ps(1)).
			isExiting: flags.includes('E'),
			startTime: startTime.replace(/\s+/g, ' '),
		}),
	);
}

/** ps exits with 1 if the process does not exist; that is an empty answer, not a failure. */
function ps(args: readonly string[]): string {
	const { error, stdout } = childProcess().spawnSync('ps', args, {
		env: ENVIRONMENT,
		encoding: 'utf8',
		maxBuffer: 2 ** 30,
	});
	// EMFILE: ps did not run, which says nothing about the process.
	if (error) throw error;
	return stdout;
}
