/** The processes of this machine, by the module for its platform. */
import * as darwin from './darwin.ts';
import * as linux from './linux.ts';
import type { ProcessInfo } from './process-info.ts';
import * as proc from './procfs.ts';
import * as sockets from './sockets.ts';
import * as pidOrder from './started-since.ts';
import * as unixSockets from './unix-sockets.ts';

const platform =
	process.platform === 'darwin'
		? darwin
		: { ...linux, ...pidOrder, ...sockets, ...unixSockets, whyBlind: proc.whyBlind };

export const {
	findLimitedTo,
	findListeners,
	findSocketHolders,
	findStartedWith,
	readProcess,
	listProcesses,
	isKilled,
	isNewest,
	isStopped,
	listMadeSince,
	listStartedSince,
	listUnixListeners,
	toStartPoint,
	readCommandLine,
	readCondition,
	readOwner,
	readDispositions,
	readWorkingFolder,
	startedAt,
	whyBlind,
} = platform;

/** Any process but a zombie, of which only the exit status is left. */
export function isLiving(facts: ProcessInfo): boolean {
	if (facts.state === 'X') return false;
	return facts.state !== 'Z' || platform.hasLivingThreads(facts.pid);
}
