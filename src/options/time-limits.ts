/** How long a start and a teardown can take at most: what a test hook around them has to allow. */
import { checkedAtCallOf } from '../call-site.ts';
import { LONGEST_LADDER_MS } from '../teardown/ladder.ts';
import type { DaemonOptions } from './options.ts';
import { checkHelperOptions, DEFAULT_TIMEOUT_MS } from './resolve.ts';

export interface TimeLimits {
	/** Ms for a start, the teardown of a failed one included. */
	readonly startupMs: number;
	/** Ms for a teardown. */
	readonly teardownMs: number;
}

/** For a shutdown program that is still busy, the diagnostic signal, and a busy machine. */
const MARGIN_MS = 5000;

/**
 * The time limits that a test runner's hooks need, so that one sees this library's error and not `Hook timed out`. The
 * vitest entry uses them already.
 *
 * @example
 * beforeAll(async () => { redis = await startDaemon(options); }, timeLimits(options).startupMs);
 *
 * @throws {@link InvalidOptionError} for options that no daemon would be started with.
 */
export function timeLimits(options: DaemonOptions): TimeLimits {
	checkedAtCallOf(timeLimits, () => checkHelperOptions(options));
	const { timeout = DEFAULT_TIMEOUT_MS, startupTimeout = timeout, shutdownTimeout = timeout } = options;
	const teardownMs = shutdownTimeout + LONGEST_LADDER_MS + MARGIN_MS;
	return { startupMs: startupTimeout + teardownMs, teardownMs };
}
