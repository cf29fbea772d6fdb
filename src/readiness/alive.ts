/** The probe for a daemon that reports nothing about itself: it is ready if it stays alive for a moment. */
import { findBreaches, ms } from '../option-rules.ts';
import { settlesWithin, unlessAborted } from '../time/deadline.ts';
import { pause } from '../time/poll.ts';
import { makeProbe, type Probe } from './probe.ts';

export interface AliveOptions {
	/**
	 * Ms from the moment when the command is executed or, with JavaScript, when the user's code starts. Defaults to 50.
	 */
	readonly forMs?: number | undefined;
}

/** Long enough to notice a command that fails as soon as it is executed, but not a later failure. */
const FOR_MS = 50;

/** If Node takes longer than this, it is busy with the user's code. */
const NODE_MS = 2000;

/** Holds when the daemon has lived this long, which says nothing about whether it serves its users. */
export function alive(options: AliveOptions = {}): Probe {
	return makeProbe({
		name: 'alive',
		given: options,
		isEvent: true,
		problems: findBreaches(options, { forMs: ms }),
		begin: ({ forMs = FOR_MS }) => ({
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
		}),
	});
}
