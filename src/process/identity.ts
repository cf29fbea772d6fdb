/** Who a process is: its pid and its start time, so that a recycled pid is not taken for it. */
import { isLiving, readProcess } from './table.ts';

export interface ProcessIdentity {
	readonly pid: number;
	readonly startTime: string;
}

/** The identity of the process that has this pid now; undefined when there is none, or a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
	const facts = readProcess(pid);
	return facts && isLiving(facts) ? { pid, startTime: facts.startTime } : undefined;
}

/** Whether that very process still runs. kill(pid, 0) cannot tell: it says yes to zombies and to recycled pids. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
	return identify(pid)?.startTime === startTime;
}
