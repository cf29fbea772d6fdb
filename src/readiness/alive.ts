/** Ready by liveness: for a daemon that tells nothing about itself. */
import { pause } from '../time/poll.ts';
import type { Probe } from './probe.ts';

/** Long enough to notice a command that fails as soon as it is executed; no promise about anything later. */
const FOR_MS = 50;

export function alive(forMs = FOR_MS): Probe {
	return {
		name: `${forMs} ms of life`,
		wait: async signal => {
			await pause(forMs, signal);
			return {};
		},
		reason: () => 'it did not live that long',
	};
}
