/**
 * The identity of a process: its pid and its start time, so that another process with a recycled pid is not mistaken
 * for it.
 */
import type { ProcessInfo } from './process-info.ts';
import { isLiving, readProcess } from './table.ts';

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
