/** What is left of a daemon after the daemon itself is gone. */
import type { PidMark, ProcessFacts } from './facts.ts';
import type { ProcessIdentity } from './identity.ts';
import { findStartedWith, isLiving, listSince, readCommandLine, startedAt } from './table.ts';

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
	const { since, marker, isHeld } = family;
	const younger = listSince(since).filter(facts => facts.pid !== since.pid && isLiving(facts));
	const isProven = (facts: ProcessFacts) => isHeld && tieOf(facts, since) !== 'environment';
	const unproven = younger.filter(facts => !isProven(facts)).map(({ pid }) => pid);
	const marked = findStartedWith(marker, unproven);
	return younger
		.filter(facts => isProven(facts) || marked.has(facts.pid))
		.map(facts => ({
			pid: facts.pid,
			startTime: facts.startTime,
			command: readCommandLine(facts.pid) ?? '(ended while it was looked at)',
			foundBy: tieOf(facts, since),
			startedAt: new Date(startedAt(facts)),
		}));
}

function tieOf({ pgid, sid }: ProcessFacts, { pid }: PidMark): Survivor['foundBy'] {
	return pgid === pid ? 'process group' : sid === pid ? 'session' : 'environment';
}
