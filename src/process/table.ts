/** The processes of this machine: the one place that asks which platform this is. */
import * as darwin from './darwin.ts';
import * as linux from './linux.ts';
import type { ProcessInfo } from './process-info.ts';
import * as proc from './procfs.ts';
import * as sockets from './sockets.ts';
import * as pidOrder from './started-since.ts';

const platform =
	process.platform === 'darwin' ? darwin : { ...linux, ...pidOrder, ...sockets, whyBlind: proc.whyBlind };

export const {
	findLimitedTo,
	findListeners,
	findStartedWith,
	readProcess,
	listProcesses,
	isDoomed,
	isNewest,
	listStartedSince,
	toStartPoint,
	readCommandLine,
	readCondition,
	readOwner,
	readDispositions,
	startedAt,
	whyBlind,
} = platform;

/** Everything that `readProcess` finds but a zombie: that holds nothing but its exit status. */
export function isLiving(facts: ProcessInfo): boolean {
	if (facts.state === 'X') return false;
	return facts.state !== 'Z' || platform.hasLivingThreads(facts.pid);
}
