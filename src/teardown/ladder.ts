/** The rungs that follow a polite request: force against the daemon, then against whatever is left of it. */

import { isRunning } from '../process/identity.ts';
import { sendSignal } from '../process/signals.ts';
import { lookForSurvivors, type Survivor, type SurvivorQuery } from '../survivors/find.ts';
import { KILL_MS, killAll } from '../survivors/kill-all.ts';
import { now } from '../time/clock.ts';
import { Deadline, settlesWithin } from '../time/deadline.ts';
import { pollUntil } from '../time/poll.ts';
import { type Asked, GRACE_MS, graceOf, isBackground, isEnding } from './grace.ts';
import { type KillMode, signalDaemon, type Target } from './signal-daemon.ts';

/** After SIGTERM a process may still save its data; SIGKILL needs only the kernel. */
const FORCE_MS = { SIGTERM: 2000, SIGKILL: KILL_MS } as const;
const SURVIVOR_MS = 1000;

/** The longest time that the rungs of this file can take together, once the time for the shutdown is over. */
export const LONGEST_LADDER_MS = FORCE_MS.SIGTERM + FORCE_MS.SIGKILL + GRACE_MS + SURVIVOR_MS + KILL_MS;

/**
 * Sends SIGTERM, then SIGKILL. Returns the one that ended the daemon; undefined if not even SIGKILL did.
 *
 * @param askedAt when the daemon already got a SIGTERM, in ms of `now()`: the time since then counts.
 */
export async function force(
	target: Target,
	killMode: KillMode,
	askedAt: number = now(),
): Promise<'SIGTERM' | 'SIGKILL' | undefined> {
	signalDaemon(target, 'SIGTERM', killMode);
	if (await settlesWithin(target.exited, Math.max(GRACE_MS, FORCE_MS.SIGTERM - (now() - askedAt)))) return 'SIGTERM';
	// Only the daemon gets it: the launcher has to live to report the end, and the rest of the group comes next anyway.
	signalDaemon(target, 'SIGKILL', 'process');
	if (await settlesWithin(target.exited, FORCE_MS.SIGKILL)) return 'SIGKILL';
	return undefined;
}

export interface Leak extends Survivor {
	/** The signal that ended it; undefined if it still runs. */
	readonly endedBy: 'SIGTERM' | 'SIGKILL' | undefined;
	/**
	 * The signal that it ignored because a shell had started it in the background; undefined if that is not the reason.
	 */
	readonly ignoredInBackground?: NodeJS.Signals | undefined;
}

/**
 * Waits for the daemon's children, and stops and returns those that stay.
 *
 * @param asked the signal that they got along with the daemon: a process that obeys it gets the rest of the shutdown's
 * time.
 */
export async function stopSurvivors(query: SurvivorQuery, asked?: Asked): Promise<Leak[]> {
	const until = now() + graceOf(asked);
	const late = await remaining(query, GRACE_MS);
	const ending = asked === undefined ? [] : late.filter(survivor => isEnding(survivor, asked));
	const deaf = late.filter(survivor => !isIn(ending, survivor));
	const background = asked === undefined ? [] : deaf.filter(survivor => isBackground(survivor, asked));
	for (const survivor of deaf) askToEnd(survivor);
	const stayed = await endIn(query, ending, until - now());
	const slow = stayed.filter(survivor => !isIn(deaf, survivor));
	for (const survivor of slow) askToEnd(survivor);
	const leaked = [...deaf, ...slow];
	if (leaked.length === 0) return [];
	const stubborn = await remaining(query, SURVIVOR_MS);
	const immortal = stubborn.length === 0 ? [] : await killAll(query);
	const newcomers = stubborn.filter(survivor => !isIn(leaked, survivor));
	return [...leaked, ...newcomers].map(survivor => ({
		...survivor,
		...(isIn(background, survivor) ? { ignoredInBackground: asked?.signal } : {}),
		endedBy: isIn(immortal, survivor) ? undefined : isIn(stubborn, survivor) ? 'SIGKILL' : 'SIGTERM',
	}));
}

/** Waits for the daemon's other processes that obey the request, as long as a teardown would. Uses no force. */
export async function outwait(query: SurvivorQuery, asked: Asked): Promise<void> {
	const until = now() + graceOf(asked);
	const late = await remaining(query, GRACE_MS);
	await endIn(
		query,
		late.filter(survivor => isEnding(survivor, asked)),
		until - now(),
	);
}

const isIn = (list: readonly Survivor[], { pid }: Survivor) => list.some(survivor => survivor.pid === pid);

/** Waits until these have ended. Returns the processes that are there then, including those started meanwhile. */
async function endIn(query: SurvivorQuery, ending: readonly Survivor[], ms: number): Promise<Survivor[]> {
	if (ending.length === 0) return [];
	const deadline = new Deadline(Math.max(ms, 1));
	await pollUntil(() => !ending.some(isRunning), deadline.signal)
		.catch(error => {
			if (!deadline.signal.aborted) throw error;
		})
		.finally(() => deadline.clear());
	return await remaining(query, Math.max(1, Math.min(GRACE_MS, ms)));
}

/** The processes that are still there after `ms`. Resolves at once when all are gone. */
async function remaining(query: SurvivorQuery, ms: number): Promise<Survivor[]> {
	const since = now();
	let survivors = await lookForSurvivors(query);
	if (survivors.length === 0) return survivors;
	const deadline = new Deadline(ms, since);
	try {
		while (survivors.length > 0) {
			// Only the known processes are polled: a look at all processes of the machine costs ms.
			await pollUntil(() => !survivors.some(isRunning), deadline.signal);
			survivors = await lookForSurvivors(query);
		}
	} catch (error) {
		if (!deadline.signal.aborted) throw error;
		survivors = await lookForSurvivors(query);
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
