/** What macOS says about processes, through ps(1): there is no /proc, and libproc needs native code. */
import { spawnSync } from 'node:child_process';
import type { ConditionRow, Listener, Look, ProcessInfo, SignalDispositions, StartPoint } from './process-info.ts';
import { sendSignal } from './signals.ts';

/** `lstart` is printed in the locale's words and the local time zone, hence the two variables. */
const COLUMNS = ['-o', 'pid=,ppid=,pgid=,state=,lstart='];
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export function readProcess(pid: number): ProcessInfo | undefined {
	// ps costs some 10 ms: first the system call that says "no such process" in microseconds.
	if (sendSignal(pid, 0) === 'ESRCH') return undefined;
	return parsePs(ps([...COLUMNS, '-p', String(pid)]))[0];
}

export function listProcesses(): ProcessInfo[] {
	return parsePs(ps(['-A', ...COLUMNS]));
}

/** Nothing tells which pid was given last. */
export function toStartPoint(pid: number): StartPoint {
	return { pid, forks: 0 };
}

export function listStartedSince(..._marks: readonly StartPoint[]): Look {
	return { processes: listProcesses(), until: undefined };
}

/** Nothing tells what was given last. */
export function isNewest(_mark: StartPoint): boolean {
	return true;
}

export function readOwner(pid: number): number | undefined {
	const uid = ps(['-o', 'ruid=', '-p', String(pid)]).trim();
	return uid === '' ? undefined : Number(uid);
}

export function readCommandLine(pid: number): string | undefined {
	return ps(['-o', 'command=', '-p', String(pid)]).trim() || undefined;
}

/** Those that were started with this in their environment. One ps for all of them, as each costs some 10 ms. */
export function findStartedWith(variable: string, pids: readonly number[]): Set<number> {
	return pids.length === 0 ? new Set() : parseEnvironments(ps(['-A', '-E', '-ww', '-o', 'pid=,command=']), variable);
}

/** Nobody but the process itself can read its limits there. */
export function findLimitedTo(_bytes: bigint, _pids: readonly number[]): Set<number> {
	return new Set();
}

/** `-E` prints the environment behind the command, of one's own processes only: `  501 sleep 1000 A=1 B=2`. */
export function parseEnvironments(output: string, variable: string): Set<number> {
	const lines = output.split('\n').map(line => line.trim().split(/\s+/));
	return new Set(lines.filter(words => words.includes(variable)).map(([pid]) => Number(pid)));
}

/** What keeps a process, as far as ps tells: its state, and where it waits in the kernel. */
export function readCondition(pid: number): ConditionRow[] {
	const [state = '', where = '-'] = ps(['-o', 'state=,wchan=', '-p', String(pid)])
		.trim()
		.split(/\s+/);
	return state === '' ? [] : [['state', where === '-' ? state : `${state}, waits in ${where}`]];
}

/** ps(1) of macOS does not tell which signals a process ignores. */
export function readDispositions(_pid: number): SignalDispositions | undefined {
	return undefined;
}

/** E: "The process is trying to exit" (ps(1)). Signals that wait are not told. */
export function isDoomed(pid: number): boolean {
	return ps(['-o', 'state=', '-p', String(pid)]).includes('E');
}

/** There is no /proc that could be missing. */
export function whyBlind(): string | undefined {
	return undefined;
}

/** By lsof(8), which comes with the system. It shows what others have open to root alone. */
export function findListeners(port: number): Listener[] {
	const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpun'];
	return parseLsof(spawnSync('/usr/sbin/lsof', args, { encoding: 'utf8' }).stdout ?? '');
}

/** A line for each field: `p4211`, `u501`, and for each of the process's sockets `f6`, `n127.0.0.1:8080`. */
export function parseLsof(output: string): Listener[] {
	const listeners: Listener[] = [];
	let [pid, uid] = [0, 0];
	for (const [, field, value = ''] of output.matchAll(/^(.)(.*)$/gm)) {
		if (field === 'p') pid = Number(value);
		if (field === 'u') uid = Number(value);
		const address = value.slice(0, value.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
		if (field === 'n') listeners.push({ address, pids: [pid], uid });
	}
	return listeners;
}

/** ps shows the process, not its first thread: Z is a zombie. */
export function hasLivingThreads(): boolean {
	return false;
}

/** Ms since the epoch, exact to a second: lstart says no more. */
export function startedAt(facts: ProcessInfo): number {
	return Date.parse(`${facts.startTime} UTC`);
}

/**
 * Lines such as `  501   1   501 Ss   Sun Nov 22 10:04:05 2026`. macOS prints 0 for every session (`sess`), so the
 * session is left out: processes are found by their group there.
 */
export function parsePs(output: string): ProcessInfo[] {
	return [...output.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S)\S*\s+(\S.*?)\s*$/gm)].map(
		([, pid, ppid, pgid, state = '', startTime = '']) => ({
			pid: Number(pid),
			ppid: Number(ppid),
			pgid: Number(pgid),
			sid: undefined,
			state,
			startTime: startTime.replace(/\s+/g, ' '),
		}),
	);
}

/** ps exits with 1 when the process does not exist: an empty answer, no failure. */
function ps(args: readonly string[]): string {
	const { error, stdout } = spawnSync('ps', args, { env: ENVIRONMENT, encoding: 'utf8', maxBuffer: 2 ** 30 });
	// EMFILE: whom nobody could ask about is not gone.
	if (error) throw error;
	return stdout;
}
