/** The opposite of readiness: a daemon that has logged nothing for too long. */

import { wallClock } from '../time/clock.ts';
import { pause } from '../time/poll.ts';
import type { Log } from './log.ts';

/** How many ms a log may get nothing new. */
export interface Silence {
	readonly log: Log;
	readonly ms: number;
}

/** Nothing was logged for so long. */
export interface Silent {
	readonly kind: 'silent';
	readonly ms: number;
}

/** Resolves when nothing was logged for `ms`. Rejects with the signal's reason if the signal is aborted first. */
export async function whenSilent({ log, ms }: Silence, signal: AbortSignal): Promise<Silent> {
	const startedAt = wallClock();
	for (;;) {
		const silentMs = wallClock() - Math.max(startedAt, log.lastWrittenAt());
		if (silentMs >= ms) return { kind: 'silent', ms };
		await pause(ms - silentMs, signal);
	}
}
