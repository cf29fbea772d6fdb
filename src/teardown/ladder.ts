/** The rungs below a polite shutdown: force, then whatever is left of the daemon. */
import { isRunning } from '../process/identity.ts';
import { KILL_MS, killAll } from '../process/kill-all.ts';
import { sendSignal } from '../process/signals.ts';
import { type Family, lookForSurvivors, type Survivor } from '../process/survivors.ts';
import { Deadline, settlesWithin } from '../time/deadline.ts';
import { pollUntil } from '../time/poll.ts';
import { type KillMode, signalDaemon, type Target } from './signal-daemon.ts';

/** After SIGTERM a process may still write things down; SIGKILL needs only the kernel. */
const FORCE_MS = { SIGTERM: 2000, SIGKILL: KILL_MS } as const;
/** Children that end because the daemon has ended need a moment, and are no leak. */
const GRACE_MS = 200;
const SURVIVOR_MS = 1000;

/** The most that the rungs of this file can take together. */
export const LONGEST_LADDER_MS = FORCE_MS.SIGTERM + FORCE_MS.SIGKILL + GRACE_MS + SURVIVOR_MS + KILL_MS;

/** SIGTERM, then SIGKILL. Answers the one that ended the daemon; undefined if not even SIGKILL did. */
export async function force(target: Target, killMode: KillMode): Promise<'SIGTERM' | 'SIGKILL' | undefined> {
	signalDaemon(target, 'SIGTERM', killMode);
	if (await settlesWithin(target.exited, FORCE_MS.SIGTERM)) return 'SIGTERM';
	// To the daemon alone: the launcher has to live to report the end, and the rest of the group comes next anyway.
	signalDaemon(target, 'SIGKILL', 'process');
	if (await settlesWithin(target.exited, FORCE_MS.SIGKILL)) return 'SIGKILL';
	return undefined;
}

export interface Leak extends Survivor {
	/** What ended it; undefined if it still runs. */
	readonly endedBy: 'SIGTERM' | 'SIGKILL' | undefined;
}

/** Waits for the daemon's children, stops those that stay, and answers which those were. */
export async function stopSurvivors(family: Family): Promise<Leak[]> {
	const leaked = await remaining(family, GRACE_MS);
	if (leaked.length === 0) return [];
	for (const survivor of leaked) askToEnd(survivor);
	const stubborn = await remaining(family, SURVIVOR_MS);
	const immortal = stubborn.length === 0 ? [] : await killAll(family);
	const isIn = (list: readonly Survivor[], { pid }: Survivor) => list.some(survivor => survivor.pid === pid);
	const newcomers = stubborn.filter(survivor => !isIn(leaked, survivor));
	return [...leaked, ...newcomers].map(survivor => ({
		...survivor,
		endedBy: isIn(immortal, survivor) ? undefined : isIn(stubborn, survivor) ? 'SIGKILL' : 'SIGTERM',
	}));
}

/** Those that are still there after `ms`; at once when all are gone. */
async function remaining(family: Family, ms: number): Promise<Survivor[]> {
	const deadline = new Deadline(ms);
	let survivors = await lookForSurvivors(family);
	try {
		while (survivors.length > 0) {
			// Only the known ones are watched closely: a look at all processes of the machine costs ms.
			await pollUntil(() => !survivors.some(isRunning), deadline.signal);
			survivors = await lookForSurvivors(family);
		}
	} catch (error) {
		if (!deadline.signal.aborted) throw error;
		survivors = await lookForSurvivors(family);
	} finally {
		deadline.clear();
	}
	return survivors;
}

function askToEnd(survivor: Survivor): void {
	if (!isRunning(survivor)) return;
	sendSignal(survivor.pid, 'SIGTERM');
	sendSignal(survivor.pid, 'SIGCONT');
}
