/** The check of a given `logFile`: the daemon is ready when the file was written to since the launch. */

import type { Log } from '../log/log.ts';
import { unlessAborted } from '../time/deadline.ts';
import type { Check } from './check.ts';

export function logChanged(log: Log): Check {
	let hasStarted = false;
	return {
		name: `a change of ${log.path}`,
		wait: async (signal, { process }) => {
			// A hook may write to the log too, but then the daemon is not ready yet.
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
