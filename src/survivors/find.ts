/** What is left of a daemon after the daemon itself is gone. */

import type { ProcessIdentity } from '../process/identity.ts';
import type { ProcessInfo, StartPoint } from '../process/process-info.ts';
import {
	findLimitedTo,
	findStartedWith,
	isLiving,
	isNewest,
	listStartedSince,
	readCommandLine,
	startedAt,
} from '../process/table.ts';
import { nextTurn } from '../time/clock.ts';
import { type Deferred, deferred } from '../time/deadline.ts';
import { SHUTDOWN_VARIABLE, toLimit, toVariable } from './marker.ts';

/** A process of the daemon's that is still there after the daemon itself is gone. */
export interface Survivor extends ProcessIdentity {
	readonly command: string;
	/** What ties it to the daemon. */
	readonly foundBy:
		| 'process group'
		| 'session'
		| 'environment'
		| 'resource limit'
		| 'environment as started by the shutdownCommand';
	readonly startedAt: Date;
}

/** Whom to look for: the members of the group and of the session that the launcher leads, and who carries the marker. */
export interface SurvivorQuery {
	/** The launcher: only who was started after it can belong to the daemon. */
	readonly since: StartPoint;
	readonly marker: string;
	/** Whether the launcher is there; otherwise group and session may be another's now, and only the marker counts. */
	readonly isLauncherAlive: boolean;
}

/** The sessions that launchers of this process lead: who is in one belongs to the daemon of that launcher, whose name this is, and to no other. */
export const ownSessions = new Map<number, string>();

/** The living members, without the launcher. */
export function findSurvivors(family: SurvivorQuery): Survivor[] {
	return search([family])[0] ?? [];
}

interface Request {
	readonly family: SurvivorQuery;
	readonly found: Deferred<Survivor[]>;
}

let requests: Request[] = [];

/** As {@link findSurvivors}; but all that is asked for in one turn of the event loop takes one look at the machine, after it. */
export async function lookForSurvivors(family: SurvivorQuery): Promise<Survivor[]> {
	const found = deferred<Survivor[]>();
	requests.push({ family, found });
	if (requests.length === 1) void nextTurn().then(answer);
	return await found.promise;
}

function answer(): void {
	const asked = requests;
	requests = [];
	try {
		const all = search(asked.map(({ family }) => family));
		for (const [index, { found }] of asked.entries()) found.resolve(all[index] ?? []);
	} catch (error) {
		for (const { found } of asked) found.reject(error);
	}
}

/** On a machine that forks without end, somebody else's processes must not hold a teardown up. */
const MOST_LOOKS = 20;

/**
 * The survivors of each family. One that forks and ends while it is looked at would be missed together with its child: so
 * whatever was started meanwhile is looked at, too.
 */
function search(families: readonly SurvivorQuery[]): Survivor[][] {
	const all: Survivor[][] = families.map(() => []);
	let since = families.map(family => family.since);
	for (let looks = 1; looks <= MOST_LOOKS; looks += 1) {
		const { processes, until } = listStartedSince(...since);
		for (const [index, family] of families.entries()) all[index]?.push(...pickSurvivors(processes, family));
		if (until === undefined || isNewest(until)) break;
		since = [until];
	}
	return all;
}

function pickSurvivors(processes: readonly ProcessInfo[], family: SurvivorQuery): Survivor[] {
	const { since } = family;
	const isOfAnother = ({ sid = 0 }: ProcessInfo) => sid !== since.pid && ownSessions.has(sid);
	const candidates = processes.filter(facts => facts.pid !== since.pid && !isOfAnother(facts) && isLiving(facts));
	const ties = findTies(candidates, family);
	return candidates.flatMap(facts => {
		const foundBy = ties.get(facts.pid);
		if (foundBy === undefined) return [];
		const { pid, startTime } = facts;
		const command = readCommandLine(pid) ?? '(ended while it was looked at)';
		return [{ pid, startTime, command, foundBy, startedAt: new Date(startedAt(facts)) }];
	});
}

/** What ties processes to the daemon, by their pids. Nobody is signalled of whom this says nothing. */
function findTies(processes: readonly ProcessInfo[], family: SurvivorQuery): Map<number, Survivor['foundBy']> {
	const { since, marker, isLauncherAlive } = family;
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
	const bytes = BigInt(toLimit(marker)) * 1024n;
	for (const pid of findLimitedTo(bytes, pids.filter(isUntied))) ties.set(pid, 'resource limit');
	return ties;
}
