/** The opposite of readiness: a daemon that has not said anything for too long. */

import { wallClock } from '../time/clock.ts';
import { pause } from '../time/poll.ts';
import type { Log } from './log.ts';

/** Resolves when nothing was logged for `ms`; never, as long as the daemon goes on. Rejects with the signal's reason. */
export async function whenSilent(log: Log, ms: number, signal: AbortSignal): Promise<void> {
	const startedAt = wallClock();
	for (;;) {
		const silentMs = wallClock() - Math.max(startedAt, log.lastWrittenAt());
		if (silentMs >= ms) return;
		await pause(ms - silentMs, signal);
	}
}
