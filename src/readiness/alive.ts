/** The probe for a daemon that reports nothing about itself: it is ready if it stays alive for a moment. */
import { settlesWithin, unlessAborted } from '../time/deadline.ts';
import { pause } from '../time/poll.ts';
import type { Probe } from './probe.ts';

/** Long enough to notice a command that fails as soon as it is executed, but not a later failure. */
const FOR_MS = 50;

/** If Node takes longer than this, it is busy with the user's code. */
const NODE_MS = 2000;

export function alive(forMs = FOR_MS): Probe {
	return {
		name: `${forMs} ms of life`,
		wait: async (signal, { process }) => {
			// On a busy disk, executing a file can take longer than `forMs`.
			await unlessAborted(process.executed(), signal);
			// Node alone needs longer than `forMs` before it reaches the user's code.
			await unlessAborted(settlesWithin(process.userCodeStarted, NODE_MS), signal);
			await pause(forMs, signal);
			return {};
		},
		reason: () => 'it did not live that long',
	};
}
