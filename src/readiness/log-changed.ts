/** Ready by a given `logFile`: it has grown, or was written to, since before the launch. */

import type { Log } from '../log/log.ts';
import { unlessAborted } from '../time/deadline.ts';
import type { Probe } from './probe.ts';

export function logChanged(log: Log): Probe {
	let hasStarted = false;
	return {
		name: `a change of ${log.path}`,
		wait: async (signal, { process }) => {
			// A hook may write too, but then there is more to come.
			await unlessAborted(process.userCodeStarted, signal);
			hasStarted = true;
			await log.changed(signal);
			return {};
		},
		reason: () =>
			hasStarted
				? 'not written to since the launch'
				: 'its code was not called yet: a hook, or an import of its module, has not settled',
	};
}
