/** The processes of this machine: the one place that asks which platform this is. */
import * as darwin from './darwin.ts';
import type { ProcessFacts } from './facts.ts';
import * as linux from './linux.ts';
import * as pidOrder from './pid-order.ts';
import * as proc from './proc.ts';
import * as sockets from './sockets.ts';

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
	lookSince,
	markPid,
	readCommandLine,
	readCondition,
	readOwner,
	readDispositions,
	startedAt,
	whyBlind,
} = platform;

/** Everything that `readProcess` finds but a zombie: that holds nothing but its exit status. */
export function isLiving(facts: ProcessFacts): boolean {
	if (facts.state === 'X') return false;
	return facts.state !== 'Z' || platform.hasLivingThreads(facts.pid);
}
