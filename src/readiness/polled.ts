/** A check of a condition that no event announces: it looks again and again, every ms at first and then less often. */
import { now } from '../time/clock.ts';
import { unlessAborted } from '../time/deadline.ts';
import { growingIntervalMs, PART, pause } from '../time/poll.ts';
import type { Check, Look } from './check.ts';
import { rememberReason } from './last-reason.ts';

/** How often a server is asked: less often from its first answer on, as it may log each connection. */
export class Pace {
	/** Whether it has answered, but not as it should. */
	hasAnswered = false;
	#answeredAfterMs: number | undefined;

	/** How long to wait for the next look, so long after the first one. */
	nextIn(elapsedMs: number): number {
		if (!this.hasAnswered) return growingIntervalMs(elapsedMs, PART.cheap);
		this.#answeredAfterMs ??= elapsedMs;
		return growingIntervalMs(elapsedMs - this.#answeredAfterMs);
	}
}

/**
 * @param name a noun phrase for error messages, such as `listening on port 6379`.
 * @param nextIn how many ms to wait for the next look, when the first one was this long ago.
 */
export function polled(name: string, look: Look, nextIn: (elapsedMs: number) => number = growingIntervalMs): Check {
	const { look: lookOnce, reason } = rememberReason(look);
	return {
		name,
		look: lookOnce,
		wait: async (signal, daemon) => {
			const since = now();
			// A look that does not settle is abandoned.
			while ((await unlessAborted(lookOnce(signal, daemon), signal)) !== true)
				await pause(nextIn(now() - since), signal);
			return {};
		},
		reason,
	};
}
