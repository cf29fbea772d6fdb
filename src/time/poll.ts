/** Polling, for conditions that no kernel event announces. */
import { now, sleep } from './clock.ts';

/** Most daemons are gone within a few ms of the signal; waiting for the slow ones must not cost a whole core. */
const EAGER_MS = 50;
/** How long to wait for the next look, when the first one was this long ago. */
export const intervalMs = (elapsedMs: number): number => (elapsedMs < EAGER_MS ? 1 : elapsedMs < 1000 ? 5 : 10);

const LONGEST_INTERVAL_MS = 50;

/**
 * What costs more is looked at less and less often: the wait is this part of the time since the first look, so that a
 * look is at most that much late.
 */
export const PART = {
	/** Starts a program, calls a function of the user's, sends a request to the daemon, or looks at all processes. */
	expensive: 1 / 10,
	/** Tries a connection to each loopback address, or opens a file: 0.8 ms of a processor, 300 times in the first 5 s. */
	cheap: 1 / 50,
} as const;

/** How long to wait for the next look, so long after the first one. */
export const growingIntervalMs = (elapsedMs: number, part: number = PART.expensive): number =>
	Math.min(Math.max(elapsedMs * part, 1), LONGEST_INTERVAL_MS);

/** Resolves when `check` holds. Rejects with the signal's reason if the signal is aborted first. */
export async function pollUntil(check: () => boolean, signal?: AbortSignal): Promise<void> {
	const startedAt = now();
	while (!check()) {
		signal?.throwIfAborted();
		await pause(intervalMs(now() - startedAt), signal);
	}
}

/** Like {@link pollUntil}, but does not keep the event loop alive. */
export async function pollUntilUnref(check: () => boolean, signal?: AbortSignal): Promise<void> {
	const startedAt = now();
	while (!check()) await sleep(intervalMs(now() - startedAt), { ref: false, ...(signal && { signal }) });
}

/** Waits. Rejects with the signal's reason if the signal is aborted first. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
	try {
		await sleep(ms, signal && { signal });
	} catch (error) {
		signal?.throwIfAborted();
		throw error;
	}
}
