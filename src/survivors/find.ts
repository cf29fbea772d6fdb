/** Finds the processes that are left of a daemon after the daemon itself is gone. */

import type { ProcessIdentity } from '../process/identity.ts';
import type { ProcessInfo, Snapshot, StartPoint } from '../process/process-info.ts';
import {
	findLimitedTo,
	findStartedWith,
	isLiving,
	isNewest,
	listMadeSince,
	readCommandLine,
	startedAt,
} from '../process/table.ts';
import { nextTurn } from '../time/clock.ts';
import { type Deferred, deferred } from '../time/deadline.ts';
import { SHUTDOWN_VARIABLE, toLimitBytes, toVariable } from './marker.ts';

/** A process of the daemon that still exists after the daemon itself is gone. */
export interface Survivor extends ProcessIdentity {
	readonly command: string;
	/** The tie by which it was found. */
	readonly foundBy:
		| 'process group'
		| 'session'
		| 'environment'
		| 'resource limit'
		| 'environment as started by the shutdownCommand';
	readonly startedAt: Date;
}

/** A query for survivors: members of the launcher's group and session, and processes that carry the marker. */
export interface SurvivorQuery {
	/** The launcher: only processes started after it can belong to the daemon. */
	readonly since: StartPoint;
	readonly marker: string;
	/**
	 * Whether the launcher is there. If not, others may have its group and session by now, and only the marker counts.
	 */
	readonly isLauncherAlive: boolean;
}

/**
 * The sessions that launchers of this process lead, with the names of their daemons. A process in one of them belongs
 * to that daemon and to no other.
 */
export const ownSessions = new Map<number, string>();

/** The daemon's living processes, without the launcher. */
export function findSurvivors(query: SurvivorQuery): Survivor[] {
	return search([query])[0] ?? [];
}

interface Request {
	readonly query: SurvivorQuery;
	readonly found: Deferred<Survivor[]>;
}

let requests: Request[] = [];

/**
 * Like {@link findSurvivors}, but all queries of one turn of the event loop share one look at the machine, after it.
 */
export async function lookForSurvivors(query: SurvivorQuery): Promise<Survivor[]> {
	// The only daemon of this caller has nothing to share a look with.
	if (ownSessions.size === 1 && requests.length === 0) return findSurvivors(query);
	const found = deferred<Survivor[]>();
	requests.push({ query, found });
	if (requests.length === 1) void nextTurn().then(answer);
	return await found.promise;
}

function answer(): void {
	const asked = requests;
	requests = [];
	try {
		const all = search(asked.map(({ query }) => query));
		for (const [index, { found }] of asked.entries()) found.resolve(all[index] ?? []);
	} catch (error) {
		for (const { found } of asked) found.reject(error);
	}
}

/** On a machine that forks all the time, the processes of others must not hold up a teardown. */
const MOST_LOOKS = 20;

/**
 * The survivors for each query. A process that forks and ends during the look would be missed together with its child,
 * so whatever was started meanwhile is looked at too.
 */
function search(queries: readonly SurvivorQuery[]): Survivor[][] {
	const all: Survivor[][] = queries.map(() => []);
	const launchers = queries.map(query => query.since);
	let since: readonly StartPoint[] = launchers;
	const sessions = new Set(queries.filter(query => query.isLauncherAlive).map(query => query.since.pid));
	const isInOther = (sid: number) => ownSessions.has(sid) || sessions.has(sid);
	for (let looks = 1; looks <= MOST_LOOKS; looks += 1) {
		const snapshot = listMadeSince(since, launchers);
		const look: Look = { ...snapshot, isLiving: rememberLiving(), isInOther };
		for (const [index, query] of queries.entries()) all[index]?.push(...pickSurvivors(look, query));
		const { until } = snapshot;
		if (until === undefined || isNewest(until)) break;
		since = [until];
	}
	return all;
}

/** What one look has seen, for all queries that share it: a reaper may have hundreds. */
interface Look extends Snapshot {
	isLiving(facts: ProcessInfo): boolean;
	/** Whether this session is certainly that of one daemon, of this caller or of a query. */
	isInOther(sid: number): boolean;
}

/** Answers once for each process: to tell whether a zombie still has threads takes a look at a folder. */
function rememberLiving(): Look['isLiving'] {
	const seen = new Map<number, boolean>();
	return facts => {
		const known = seen.get(facts.pid) ?? isLiving(facts);
		seen.set(facts.pid, known);
		return known;
	};
}

/**
 * No process can join a session: it is in that of its parent, or has begun its own. So what the launcher has made is
 * in its session, or in one that began since. The environment and the limits of others, which cost more than all else,
 * need not be read.
 */
function pickSurvivors({ processes, mayBeSince, isLiving, isInOther }: Look, query: SurvivorQuery): Survivor[] {
	const { since } = query;
	const mayBeOurs = ({ sid }: ProcessInfo) =>
		sid === undefined || sid === since.pid || (mayBeSince(sid, since) && !isInOther(sid));
	const candidates = processes.filter(facts => facts.pid !== since.pid && mayBeOurs(facts) && isLiving(facts));
	if (candidates.length === 0) return [];
	const ties = findTies(candidates, query);
	return candidates.flatMap(facts => {
		const foundBy = ties.get(facts.pid);
		if (foundBy === undefined) return [];
		const { pid, startTime } = facts;
		const command = readCommandLine(pid) ?? '(ended while it was looked at)';
		return [{ pid, startTime, command, foundBy, startedAt: new Date(startedAt(facts)) }];
	});
}

/** Whether a process carries the marker, in its environment or in its limit. */
export function isMarked(pid: number, marker: string): boolean {
	return findStartedWith(toVariable(marker), [pid]).has(pid) || findLimitedTo(toLimitBytes(marker), [pid]).has(pid);
}

/** The ties of processes to the daemon, by their pids. Only processes listed here are ever signalled. */
function findTies(processes: readonly ProcessInfo[], query: SurvivorQuery): Map<number, Survivor['foundBy']> {
	const { since, marker, isLauncherAlive } = query;
	const ties = new Map<number, Survivor['foundBy']>();
	const isUntied = (pid: number) => !ties.has(pid);
	const pids = processes.map(({ pid }) => pid);
	if (isLauncherAlive) {
		for (const { pid, sid } of processes) if (sid === since.pid) ties.set(pid, 'session');
		for (const { pid, pgid } of processes) if (pgid === since.pid) ties.set(pid, 'process group');
	}
	for (const pid of findStartedWith(toVariable(marker), pids.filter(isUntied))) ties.set(pid, 'environment');
	const marked = pids.filter(pid => ties.get(pid) === 'environment');
	for (const pid of findStartedWith(`${SHUTDOWN_VARIABLE}=1`, marked))
		ties.set(pid, 'environment as started by the shutdownCommand');
	const bytes = toLimitBytes(marker);
	for (const pid of findLimitedTo(bytes, pids.filter(isUntied))) ties.set(pid, 'resource limit');
	return ties;
}
