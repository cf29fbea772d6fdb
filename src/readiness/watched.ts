/** A check of what is at a path: it looks when the kernel announces a change there. */
import { now } from '../time/clock.ts';
import { unlessAborted } from '../time/deadline.ts';
import { growingIntervalMs, PART, pause } from '../time/poll.ts';
import type { Check, Look } from './check.ts';
import { rememberReason } from './last-reason.ts';
import { PathWatcher } from './path-watcher.ts';

/**
 * Some changes are no event: on a network file system by another machine, through mmap(2), or behind a symlink
 * (inotify(7)).
 */
const STRAY_MS = 1000;
/** How long to wait at least between two looks, as a file may be written to all the time. */
const LEAST_MS = 5;

/**
 * @param look answers true or the reason why the condition does not hold yet.
 * @param nextIn how many ms after a look there has to be another one, even if nothing changes; undefined if only a
 * change matters.
 */
export function watched(name: string, path: string, look: Look, nextIn: () => number | undefined): Check {
	const { look: lookOnce, reason } = rememberReason(look);
	let note = '';
	return {
		name,
		look: lookOnce,
		wait: async (signal, daemon) => {
			const watcher = new PathWatcher(path);
			const since = now();
			try {
				for (;;) {
					watcher.follow();
					const lookedAt = now();
					if ((await unlessAborted(lookOnce(signal, daemon), signal)) === true) return {};
					if (watcher.failedBecause === undefined) {
						await watcher.next(Math.min(nextIn() ?? STRAY_MS, STRAY_MS), signal);
						await pause(Math.max(0, lookedAt + LEAST_MS - now()), signal);
					} else {
						const interval = growingIntervalMs(Number.POSITIVE_INFINITY);
						note = ` (looked at every ${interval} ms, as it cannot be watched: ${watcher.failedBecause})`;
						await pause(growingIntervalMs(now() - since, PART.cheap), signal);
					}
				}
			} finally {
				watcher.close();
			}
		},
		reason: () => reason() + note,
	};
}
