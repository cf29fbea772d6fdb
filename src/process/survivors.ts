/** What is left of a daemon after the daemon itself is gone. */
import type { ProcessIdentity } from './identity.ts';
import { isLiving, listProcesses, readCommandLine, startedAt, wasStartedWith } from './table.ts';

/** A process of the daemon's that is still there after the daemon itself is gone. */
export interface Survivor extends ProcessIdentity {
	readonly command: string;
	/** What ties it to the daemon. */
	readonly foundBy: 'process group' | 'session';
	readonly startedAt: Date;
}

/** Whom to look for: the members of the group and of the session that the launcher leads. */
export interface Family {
	readonly launcher: number;
	/** `NAME=value` in their environment: to be asked for when the launcher is gone, as its number may be another's now. */
	readonly proof: string | undefined;
}

/** The living members, without the launcher. */
export function findSurvivors({ launcher, proof }: Family): Survivor[] {
	return listProcesses()
		.filter(facts => facts.pid !== launcher && (facts.pgid === launcher || facts.sid === launcher))
		.filter(facts => isLiving(facts) && (proof === undefined || wasStartedWith(facts.pid, proof)))
		.map(facts => ({
			pid: facts.pid,
			startTime: facts.startTime,
			command: readCommandLine(facts.pid) ?? '(ended while it was looked at)',
			foundBy: facts.pgid === launcher ? 'process group' : 'session',
			startedAt: new Date(startedAt(facts)),
		}));
}
