/** Ready by a given `logFile`: it has grown, or was written to, since before the launch. */
import type { Log } from '../log/log.ts';
import type { Probe } from './probe.ts';

export function logChanged(log: Log): Probe {
	return {
		name: `a change of ${log.path}`,
		wait: async signal => {
			await log.changed(signal);
			return {};
		},
		reason: () => 'not written to since the launch',
	};
}
