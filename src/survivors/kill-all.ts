/** The last rung: SIGKILL for all that is left of a daemon, wherever it is. */

import { isRunning } from '../process/identity.ts';
import { sendSignal } from '../process/signals.ts';
import { Deadline } from '../time/deadline.ts';
import { pollUntil } from '../time/poll.ts';
import { lookForSurvivors, type Survivor, type SurvivorQuery } from './find.ts';

/** SIGKILL needs only the kernel, and that a moment. */
export const KILL_MS = 2000;

/** A process that is being killed can fork faster than one look takes: again until a look finds none. Answers who still runs. */
export async function killAll(family: SurvivorQuery): Promise<Survivor[]> {
	const deadline = new Deadline(KILL_MS);
	try {
		for (;;) {
			const survivors = await lookForSurvivors(family);
			if (survivors.length === 0 || deadline.signal.aborted) return survivors;
			for (const survivor of survivors) if (isRunning(survivor)) sendSignal(survivor.pid, 'SIGKILL');
			await pollUntil(() => !survivors.some(isRunning), deadline.signal).catch(() => deadline.signal.aborted);
		}
	} finally {
		deadline.clear();
	}
}
