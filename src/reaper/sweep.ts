/** Cleans up after dead callers whose reaper was killed too, before this caller starts its first daemon. */
import type { EvidenceRow } from '../error-text.ts';
import { isRunning, type ProcessIdentity } from '../process/identity.ts';
import { type CallerFolder, findDeadCallers } from '../registry/caller-folder.ts';
import { now } from '../time/clock.ts';
import { settlesWithin, unlessAborted } from '../time/deadline.ts';
import { pollUntilUnref } from '../time/poll.ts';
import { spawnAwake } from './spawn-reaper.ts';

/** Enough for most daemons to stop. After that the start proceeds and the clean-up goes on in the background. */
export const LONGEST_SWEEP_MS = 3000;

/** A clean-up that is under way. */
export interface Sweep {
	/** The dead callers. */
	readonly callers: readonly ProcessIdentity[];
	/** Resolves when nothing is left of them, or when that takes too long. It does not keep the caller alive. */
	readonly over: Promise<void>;
}

/** Also waits for reapers that are already at work. */
export function sweep(): Sweep {
	const found = findDeadCallers();
	for (const { path, cleaner } of found) {
		if (cleaner && isRunning(cleaner)) continue;
		spawnAwake(path).catch(() => {
			// EAGAIN, ENOMEM: the next caller tries again.
		});
	}
	const isFound = ({ id }: CallerFolder) => found.some(folder => folder.id === id);
	const until = now() + LONGEST_SWEEP_MS;
	const isOver = () => now() > until || !findDeadCallers().some(isFound);
	const over = found.length === 0 ? Promise.resolve() : pollUntilUnref(isOver);
	return { callers: found.map(({ caller }) => caller), over };
}

/** The daemon needs the rest of the start's time, as it must not fail because of what others left. */
const SHARE = 0.5;

/** Waits for the sweep, but at most for half of `startupTimeout`. Returns rows for an error of the start. */
export async function waitForSweep(
	sweep: Sweep | undefined,
	startupTimeout: number,
	signal: AbortSignal | undefined,
): Promise<readonly EvidenceRow[]> {
	if (sweep === undefined || sweep.callers.length === 0) return [];
	const startedAt = now();
	const over = signal ? unlessAborted(sweep.over, signal) : sweep.over;
	await settlesWithin(over, startupTimeout * SHARE).catch(() => {
		// EMFILE: the sweep cannot look; or the start was aborted, which it notices itself.
	});
	const ms = Math.round(now() - startedAt);
	const pids = sweep.callers.map(({ pid }) => pid).join(', ');
	return [['sweep', `${ms} ms of these were spent waiting for what dead callers have left to end: pid ${pids}`]];
}
