/** Ready by liveness: for a daemon that tells nothing about itself. */
import { settlesWithin, unlessAborted } from '../time/deadline.ts';
import { pause } from '../time/poll.ts';
import type { Probe } from './probe.ts';

/** Long enough to notice a command that fails as soon as it is executed; no promise about anything later. */
const FOR_MS = 50;

/** Longer than that it is the user's code that Node is busy with. */
const NODE_MS = 2000;

export function alive(forMs = FOR_MS): Probe {
	return {
		name: `${forMs} ms of life`,
		wait: async (signal, { process }) => {
			// On a busy disk to execute a file can take longer than the command lives.
			await unlessAborted(process.executed(), signal);
			// Node alone lives longer than that before it comes to the user's code.
			await unlessAborted(settlesWithin(process.userCodeStarted, NODE_MS), signal);
			await pause(forMs, signal);
			return {};
		},
		reason: () => 'it did not live that long',
	};
}
