/** Asking again and again: for what no kernel event tells. */
import { now, sleep } from './clock.ts';

/** Most daemons are gone within a few ms of the signal; the slow ones should not cost a core. */
const EAGER_MS = 50;
const intervalMs = (elapsedMs: number) => (elapsedMs < EAGER_MS ? 1 : elapsedMs < 1000 ? 5 : 10);

/** Resolves when `check` holds. Rejects with the signal's reason when that is aborted first. */
export async function pollUntil(check: () => boolean, signal?: AbortSignal): Promise<void> {
	const startedAt = now();
	while (!check()) {
		signal?.throwIfAborted();
		await pause(intervalMs(now() - startedAt), signal);
	}
}

/** As {@link pollUntil}, but never the reason why the event loop stays alive. */
export async function pollUntilUnref(check: () => boolean): Promise<void> {
	const startedAt = now();
	while (!check()) await sleep(intervalMs(now() - startedAt), { ref: false });
}

/** Waits. Rejects with the signal's reason when that is aborted first. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
	try {
		await sleep(ms, signal && { signal });
	} catch (error) {
		signal?.throwIfAborted();
		throw error;
	}
}
