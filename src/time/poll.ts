/** Asking again and again: for what no kernel event tells. */
import { setTimeout as delay, setImmediate as nextImmediate } from 'node:timers/promises';

/** Most daemons are gone within a few ms of the signal; the slow ones should not cost a core. */
const EAGER_MS = 50;
const intervalMs = (elapsedMs: number) => (elapsedMs < EAGER_MS ? 1 : elapsedMs < 1000 ? 5 : 10);

/** Resolves when `check` holds. Rejects with the signal's reason when that is aborted first. */
export async function pollUntil(check: () => boolean, signal?: AbortSignal): Promise<void> {
	const startedAt = performance.now();
	while (!check()) {
		signal?.throwIfAborted();
		await pause(intervalMs(performance.now() - startedAt), signal);
	}
}

/** As {@link pollUntil}, but never the reason why the event loop stays alive. */
export async function pollUntilUnref(check: () => boolean): Promise<void> {
	const startedAt = performance.now();
	while (!check()) await delay(intervalMs(performance.now() - startedAt), undefined, { ref: false });
}

/** Resolves when all that the event loop has at hand is done. */
export async function nextTurn(): Promise<void> {
	await nextImmediate();
}

/** Waits. Rejects with the signal's reason when that is aborted first. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
	try {
		await delay(ms, undefined, signal && { signal });
	} catch (error) {
		signal?.throwIfAborted();
		throw error;
	}
}
