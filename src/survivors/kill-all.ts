/** The last rung of the ladder: SIGKILL for all processes that are left of a daemon, wherever they are. */

import { isRunning } from '../process/identity.ts';
import { sendSignal } from '../process/signals.ts';
import { Deadline } from '../time/deadline.ts';
import { pollUntil } from '../time/poll.ts';
import { lookForSurvivors, type Survivor, type SurvivorQuery } from './find.ts';

/** SIGKILL needs no help of the process, and the kernel needs only a moment. */
export const KILL_MS = 2000;

/** Looks and kills until a look finds no process, as one can fork before it is killed. Returns those that still run. */
export async function killAll(query: SurvivorQuery): Promise<Survivor[]> {
	const deadline = new Deadline(KILL_MS);
	try {
		for (;;) {
			const survivors = await lookForSurvivors(query);
			if (survivors.length === 0 || deadline.signal.aborted) return survivors;
			for (const survivor of survivors) if (isRunning(survivor)) sendSignal(survivor.pid, 'SIGKILL');
			await pollUntil(() => !survivors.some(isRunning), deadline.signal).catch(() => deadline.signal.aborted);
		}
	} finally {
		deadline.clear();
	}
}
