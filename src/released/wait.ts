/** Waits until released daemons are ready, whoever starts them. */
import { pause } from '../time/poll.ts';
import { findWorker } from './lock.ts';
import type { Report } from './report.ts';
import { reportOn } from './status.ts';

/** No kernel event announces that another command has released a daemon. */
const INTERVAL_MS = 20;

/**
 * Resolves with what is known of each as soon as all are ready, one has died and nobody is about to start it, or the
 * signal is aborted.
 */
export async function waitReleased(checkout: string, names: readonly string[], signal: AbortSignal): Promise<Report[]> {
	for (;;) {
		const reports = await Promise.all(names.map(name => reportOn(checkout, name)));
		const areReady = reports.every(({ state }) => state === 'ready');
		if (areReady || signal.aborted || (await isOneLost(checkout, reports))) return reports;
		await pause(INTERVAL_MS, signal).catch(() => {
			// The next look is the last one.
		});
	}
}

async function isOneLost(checkout: string, reports: readonly Report[]): Promise<boolean> {
	const dead = reports.filter(({ state }) => state === 'dead' || state === 'elsewhere');
	const workers = await Promise.all(dead.map(({ name }) => findWorker(checkout, name)));
	return workers.includes(undefined);
}
