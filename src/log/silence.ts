/** The opposite of readiness: a daemon that has logged nothing for too long. */

import { wallClock } from '../time/clock.ts';
import { pause } from '../time/poll.ts';
import type { Log } from './log.ts';

/** Resolves when nothing was logged for `ms`. Rejects with the signal's reason if the signal is aborted first. */
export async function whenSilent(log: Log, ms: number, signal: AbortSignal): Promise<void> {
	const startedAt = wallClock();
	for (;;) {
		const silentMs = wallClock() - Math.max(startedAt, log.lastWrittenAt());
		if (silentMs >= ms) return;
		await pause(ms - silentMs, signal);
	}
}
