/**
 * The identity of a process: its pid and its start time, so that another process with a recycled pid is not mistaken
 * for it.
 */
import type { ProcessInfo } from './process-info.ts';
import { isKilled, isLiving, readProcess } from './table.ts';

export interface ProcessIdentity {
	readonly pid: number;
	readonly startTime: string;
}

/** The identity of the process that has this pid now; undefined if there is none, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
	const facts = readProcess(pid);
	return facts && isLiving(facts) ? { pid, startTime: facts.startTime } : undefined;
}

/** The facts about that very process; undefined if it no longer runs. */
export function readRunning({ pid, startTime }: ProcessIdentity): ProcessInfo | undefined {
	const facts = readProcess(pid);
	return facts?.startTime === startTime && isLiving(facts) ? facts : undefined;
}

/** Whether that very process still runs. kill(pid, 0) would also succeed for a zombie and for a recycled pid. */
export function isRunning(identity: ProcessIdentity): boolean {
	return readRunning(identity) !== undefined;
}

/** Whether that very process no longer runs, or still exists but will certainly end. */
export function isLost(identity: ProcessIdentity): boolean {
	// The other order would miss a process that begins to exit between the two reads: it takes the signal off its own set
	// a moment before.
	if (isKilled(identity.pid)) return true;
	const facts = readRunning(identity);
	// A zombie that runs has lost its first thread alone.
	return facts === undefined || (facts.isExiting && facts.state !== 'Z');
}

/** Whether this process has the pid, or descends from the process that has it. */
export function isOwnAncestor(pid: number): boolean {
	let each = process.pid;
	while (each > 1 && each !== pid) each = readProcess(each)?.ppid ?? 0;
	return each === pid;
}
