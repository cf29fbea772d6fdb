/** How long the rest of a daemon may take to end by itself, once the daemon itself has ended. */

import type { ProcessIdentity } from '../process/identity.ts';
import { readDispositions, readProcess } from '../process/table.ts';
import { now } from '../time/clock.ts';
import type { KillMode, Target } from './signal-daemon.ts';

/** Children that end because the daemon has ended need a moment, and are no leak. */
export const GRACE_MS = 200;
/** What a server may need to close, behind a wrapper that ends at once. */
const LONGEST_GRACE_MS = 5000;

/** A signal that a whole process group was sent. */
export interface Asked {
	readonly signal: NodeJS.Signals;
	readonly pgid: number;
	/** When the time for the shutdown is over, in ms of `now()`. */
	readonly until: number;
}

/** What is to be remembered of a request for the sake of those who survive the daemon; nothing if it is sent to the daemon alone. */
export function rememberAsked({ identity, launcher }: Target, signal: NodeJS.Signals, killMode: KillMode, ms: number) {
	const pgid = readProcess(identity.pid)?.pgid;
	const isGroup = killMode === 'group' && (pgid === launcher || pgid === identity.pid);
	return pgid !== undefined && isGroup ? { signal, pgid, until: now() + ms } : undefined;
}

/** Ms from now on for those who were told to end, and do so. */
export function graceOf(asked: Asked | undefined): number {
	const left = asked === undefined ? 0 : asked.until - now();
	return Math.max(GRACE_MS, Math.min(left, LONGEST_GRACE_MS));
}

/**
 * Whether it was sent the signal and does not turn a deaf ear to it, so that it is about to end. That it blocks the signal
 * says nothing: a shell does so while it forks, and a server that waits with sigwait(3) always does. Only one
 * that is still pending was not heard. Where the platform does not tell what it ignores, as macOS, it is given the benefit of the
 * doubt: to cut a server off is worse than to wait.
 */
export function isEnding({ pid }: ProcessIdentity, { signal, pgid }: Asked): boolean {
	if (readProcess(pid)?.pgid !== pgid) return false;
	const dispositions = readDispositions(pid);
	return !dispositions?.ignored.includes(signal) && !dispositions?.unheard.includes(signal);
}

/**
 * Whether it ignores what all were asked by because a shell has started it with `&`: such a command ignores SIGINT and
 * SIGQUIT (POSIX, 2.12), unless the shell has job control.
 */
export function isBackground({ pid }: ProcessIdentity, { signal }: Asked): boolean {
	if (!BACKGROUND.includes(signal)) return false;
	const ignored = readDispositions(pid)?.ignored ?? [];
	return BACKGROUND.every(name => ignored.includes(name)) && !ignored.includes('SIGTERM');
}

const BACKGROUND: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
