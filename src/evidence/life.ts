/** What is known of a daemon's life so far, as rows of an error. */
import { describeExit, type EvidenceRow, type ExitStatus } from '../errors.ts';
import type { Log } from '../log/log.ts';
import { isRunning, type ProcessIdentity } from '../process/identity.ts';
import { readCondition } from '../process/table.ts';

/** A daemon that was launched, and when things happened, in ms of `performance.now()`. */
export interface Life {
	readonly identity: ProcessIdentity;
	readonly launchedAt: number;
	readonly readyAt: number | undefined;
	readonly exit: ExitStatus | undefined;
	readonly log: Log | undefined;
}

/** Such as `4211   running, launched 5000 ms ago, first output after 31 ms`. */
export function describeLife({ identity, launchedAt, readyAt, exit, log }: Life): EvidenceRow {
	const state = exit ? describeExit(exit) : isRunning(identity) ? 'running' : 'gone';
	const after = (moment: number) => `after ${Math.max(0, Math.round(moment - launchedAt))} ms`;
	const facts = [
		state,
		`launched ${Math.round(performance.now() - launchedAt)} ms ago`,
		...(log?.firstOutputAt === undefined ? [] : [`first output ${after(log.firstOutputAt)}`]),
		...(readyAt === undefined ? [] : [`ready ${after(readyAt)}`]),
	];
	return ['pid', `${identity.pid}   ${facts.join(', ')}`];
}

/** The last lines since this start, or why there are none. */
export function describeLog(log: Log | undefined): readonly EvidenceRow[] {
	return log?.evidence() ?? [['log', 'none: without `logFile` the output goes to /dev/null']];
}

/** Why does it not end? State, wait channel, ignored signals and sockets, to be looked up before force destroys them. */
export function describeCondition({ identity }: Life): readonly EvidenceRow[] {
	return isRunning(identity) ? readCondition(identity.pid) : [];
}
