/** Polling, for conditions that no kernel event announces. */
import { now, sleep } from './clock.ts';

/** Most daemons are gone within a few ms of the signal; waiting for the slow ones must not cost a whole core. */
const EAGER_MS = 50;
/** How long to wait for the next look, so long after the first one. */
export const intervalMs = (elapsedMs: number): number => (elapsedMs < EAGER_MS ? 1 : elapsedMs < 1000 ? 5 : 10);

/** Resolves when `check` holds. Rejects with the signal's reason if the signal is aborted first. */
export async function pollUntil(check: () => boolean, signal?: AbortSignal): Promise<void> {
	const startedAt = now();
	while (!check()) {
		signal?.throwIfAborted();
		await pause(intervalMs(now() - startedAt), signal);
	}
}

/** Like {@link pollUntil}, but does not keep the event loop alive. */
export async function pollUntilUnref(check: () => boolean): Promise<void> {
	const startedAt = now();
	while (!check()) await sleep(intervalMs(now() - startedAt), { ref: false });
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
