/** What is left of a daemon after the daemon itself is gone. */
import type { PidMark, ProcessFacts } from './facts.ts';
import type { ProcessIdentity } from './identity.ts';
import { isLiving, listSince, readCommandLine, startedAt, wasStartedWith } from './table.ts';

/** A process of the daemon's that is still there after the daemon itself is gone. */
export interface Survivor extends ProcessIdentity {
	readonly command: string;
	/** What ties it to the daemon. */
	readonly foundBy: 'process group' | 'session' | 'environment';
	readonly startedAt: Date;
}

/** Whom to look for: the members of the group and of the session that the launcher leads, and who carries the marker. */
export interface Family {
	/** The launcher: only who was started after it can belong to the daemon. */
	readonly since: PidMark;
	/** `NAME=value` in the environment of all that the daemon has started. */
	readonly marker: string;
	/** Whether the launcher is there; otherwise group and session may be another's now, and only the marker counts. */
	readonly isHeld: boolean;
}

/** The living members, without the launcher. */
export function findSurvivors(family: Family): Survivor[] {
	return listSince(family.since)
		.filter(facts => facts.pid !== family.since.pid && isLiving(facts))
		.map(facts => ({ facts, foundBy: findTie(facts, family) }))
		.filter(found => found.foundBy !== undefined)
		.map(({ facts, foundBy = 'environment' }) => ({
			pid: facts.pid,
			startTime: facts.startTime,
			command: readCommandLine(facts.pid) ?? '(ended while it was looked at)',
			foundBy,
			startedAt: new Date(startedAt(facts)),
		}));
}

function findTie({ pid, pgid, sid }: ProcessFacts, { since, marker, isHeld }: Family): Survivor['foundBy'] | undefined {
	const tie = pgid === since.pid ? 'process group' : sid === since.pid ? 'session' : 'environment';
	if (isHeld && tie !== 'environment') return tie;
	return wasStartedWith(pid, marker) ? tie : undefined;
}
