/** What dead runs have left, because their reaper was killed too: cleaned before a new run starts its first daemon. */
import type { EvidenceRow } from '../error-text.ts';
import { isRunning, type ProcessIdentity } from '../process/identity.ts';
import { type CallerFolder, findDeadCallers } from '../registry/caller-folder.ts';
import { now } from '../time/clock.ts';
import { settlesWithin, unlessAborted } from '../time/deadline.ts';
import { pollUntilUnref } from '../time/poll.ts';
import { spawnAwake } from './spawn-reaper.ts';

/** Longer than most daemons take to end, and no reason for a start to fail: who does not end is cleaned up all the same. */
export const LONGEST_SWEEP_MS = 3000;

/** What dead runs have left, while it is cleaned up. */
export interface Sweep {
	/** Whose it was. */
	readonly callers: readonly ProcessIdentity[];
	/** Resolves when nothing is left of them, or when that takes too long. It does not keep the caller alive by itself. */
	readonly over: Promise<void>;
}

/** A reaper that is at work is waited for, too. */
export function sweep(): Sweep {
	const found = findDeadCallers();
	for (const { path, cleaner } of found) {
		if (cleaner && isRunning(cleaner)) continue;
		spawnAwake(path).catch(() => {
			// EAGAIN, ENOMEM: the next run tries again.
		});
	}
	const isFound = ({ id }: CallerFolder) => found.some(folder => folder.id === id);
	const until = now() + LONGEST_SWEEP_MS;
	const over = pollUntilUnref(() => now() > until || !findDeadCallers().some(isFound));
	return { callers: found.map(({ caller }) => caller), over };
}

/** The daemon itself needs the rest of the start's time: what others have left is no reason for it to fail. */
const SHARE = 0.5;

/** Waits until the sweep is over, for half of `startupTimeout` at most, and answers what an error may tell of that. */
export async function waitForSweep(
	sweep: Sweep | undefined,
	startupTimeout: number,
	signal: AbortSignal | undefined,
): Promise<readonly EvidenceRow[]> {
	if (sweep === undefined || sweep.callers.length === 0) return [];
	const startedAt = now();
	const over = signal ? unlessAborted(sweep.over, signal) : sweep.over;
	await settlesWithin(over, startupTimeout * SHARE).catch(() => {
		// EMFILE: nobody can look; or the start was aborted, which it notices itself.
	});
	const ms = Math.round(now() - startedAt);
	const pids = sweep.callers.map(({ pid }) => pid).join(', ');
	return [['sweep', `${ms} ms of these were spent waiting for what dead callers have left to end: pid ${pids}`]];
}
