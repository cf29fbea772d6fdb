/** What is left of a daemon after the daemon itself is gone. */

import type { ProcessIdentity } from './identity.ts';
import { isLiving, listProcesses, readCommandLine, startedAt } from './table.ts';

/** A process of the daemon's that is still there after the daemon itself is gone. */
export interface Survivor extends ProcessIdentity {
	readonly command: string;
	/** What ties it to the daemon. */
	readonly foundBy: 'process group' | 'session';
	readonly startedAt: Date;
}

/** The living members of the group and of the session that `launcher` leads, without the launcher. */
export function findSurvivors(launcher: number): Survivor[] {
	return listProcesses()
		.filter(facts => facts.pid !== launcher && (facts.pgid === launcher || facts.sid === launcher))
		.filter(isLiving)
		.map(facts => ({
			pid: facts.pid,
			startTime: facts.startTime,
			command: readCommandLine(facts.pid) ?? '(ended while it was looked at)',
			foundBy: facts.pgid === launcher ? 'process group' : 'session',
			startedAt: new Date(startedAt(facts)),
		}));
}
