/** Computes how long a start and a teardown can take at most, for the limits of test hooks. */
import { checkedAtCallOf } from '../call-site.ts';
import { hearsDaemon } from '../readiness/to-probe.ts';
import { LONGEST_LADDER_MS } from '../teardown/ladder.ts';
import { MOST_EXTENDED } from '../time/deadline.ts';
import type { DaemonOptions } from './options.ts';
import { checkHelperOptions, DEFAULT_TIMEOUT_MS } from './resolve.ts';

export interface TimeLimits {
	/** Ms in which the daemon has to be ready, unless it extends them (`notified`). */
	readonly readyMs: number;
	/** Ms for a start, including the teardown if it fails. */
	readonly startupMs: number;
	/** Ms for a teardown. */
	readonly teardownMs: number;
}

/** Time for a busy shutdown program, the diagnostic signal, and a slow machine. */
const MARGIN_MS = 5000;

/**
 * The time limits that the hooks of a test runner need, so that this library's error is shown and not `Hook timed out`.
 * The vitest entry already uses them.
 *
 * @example
 * beforeAll(async () => { redis = await startDaemon(options); }, timeLimits(options).startupMs);
 *
 * @throws {@link InvalidOptionError} if the options are invalid.
 */
export function timeLimits(options: DaemonOptions): TimeLimits {
	checkedAtCallOf(timeLimits, () => checkHelperOptions(options));
	const { timeout = DEFAULT_TIMEOUT_MS, startupTimeout = timeout, shutdownTimeout = timeout } = options;
	const times = hearsDaemon(options.ready) ? MOST_EXTENDED : 1;
	const teardownMs = shutdownTimeout * times + LONGEST_LADDER_MS + MARGIN_MS;
	return { readyMs: startupTimeout, startupMs: startupTimeout * times + teardownMs, teardownMs };
}
