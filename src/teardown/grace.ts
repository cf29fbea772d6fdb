/** How long a daemon's other processes may take to end by themselves, once the daemon itself has ended. */

import type { ProcessIdentity } from '../process/identity.ts';
import { readDispositions, readProcess } from '../process/table.ts';
import { now } from '../time/clock.ts';
import type { KillMode, Target } from './signal-daemon.ts';

/** Children that end because the daemon has ended need a moment, and are not a leak. */
export const GRACE_MS = 200;
/** A server behind a wrapper that ends at once may need this long to close. */
const LONGEST_GRACE_MS = 5000;

/** A signal that was sent to a whole process group. */
export interface Asked {
	readonly signal: NodeJS.Signals;
	readonly pgid: number;
	/** When the time for the shutdown is over, in ms of `now()`. */
	readonly until: number;
}

/**
 * The request as it concerns survivors; undefined if the signal was sent to the daemon alone, or to a group that it
 * does not belong to.
 */
export function rememberAsked(
	{ identity, launcher }: Pick<Target, 'identity' | 'launcher'>,
	{ signal, killMode }: { readonly signal: NodeJS.Signals; readonly killMode: KillMode },
	{ pgid }: { readonly pgid: number },
	ms: number,
): Asked | undefined {
	const isGroup = killMode === 'group' && (pgid === launcher || pgid === identity.pid);
	return isGroup ? { signal, pgid, until: now() + ms } : undefined;
}

/** How many ms from now the processes that obey the request may take. */
export function graceOf(asked: Asked | undefined): number {
	const left = asked === undefined ? 0 : asked.until - now();
	return Math.max(GRACE_MS, Math.min(left, LONGEST_GRACE_MS));
}

/**
 * Whether a process got the signal and will act on it, so that it is about to end. Blocking alone says nothing: a shell
 * blocks signals while it forks, and a server in sigwait(3) always does. Only a signal that is still pending was not
 * received. macOS does not show what a process ignores, so there the answer is yes: waiting is better than cutting a
 * server off.
 */
export function isEnding({ pid }: ProcessIdentity, { signal, pgid }: Asked): boolean {
	if (readProcess(pid)?.pgid !== pgid) return false;
	const dispositions = readDispositions(pid);
	return !dispositions?.ignored.includes(signal) && !dispositions?.pending.includes(signal);
}

/**
 * Whether a process ignores the signal because a shell started it with `&`: such a command ignores SIGINT and SIGQUIT,
 * unless the shell has job control (POSIX, 2.12).
 */
export function isBackground({ pid }: ProcessIdentity, { signal }: Asked): boolean {
	if (!BACKGROUND.includes(signal)) return false;
	const ignored = readDispositions(pid)?.ignored ?? [];
	return BACKGROUND.every(name => ignored.includes(name)) && !ignored.includes('SIGTERM');
}

const BACKGROUND: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
