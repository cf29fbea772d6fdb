/** A daemon as a fixture for `test.extend`: started only for tests that ask for it. */
import * as vitest from 'vitest';
import { assertNotDied, type DaemonOptions, type RunningDaemon, startDaemon, timeLimits } from '../index.ts';

type Scope = 'test' | 'file' | 'worker';

export interface FixtureOptions {
	/** A daemon for each `'test'`, the default, for the `'file'`, or for the `'worker'`. */
	readonly scope?: Scope;
}

type Use = (daemon: RunningDaemon) => Promise<void>;

/** What `test.extend` takes. */
export type DaemonFixture = [
	fixture: (context: vitest.TestContext, use: Use) => Promise<void>,
	options: { scope: Scope },
];

/**
 * A fixture that is a running daemon. vitest counts its start into the time limit of the test that asks first, so the
 * daemon gets four fifths of that at most: one sees this library's error, not `Test timed out`.
 *
 * @example
 * const test = base.extend({ redis: daemonFixture({ startupCommand: 'redis-server', lookFor: 'Ready to accept' }) });
 * test('runs', ({ redis }) => expect(redis.isAlive()).toBe(true));
 */
export function daemonFixture(options: DaemonOptions, { scope = 'test' }: FixtureOptions = {}): DaemonFixture {
	// vitest reads the text of a fixture's first parameter to learn what it needs: it has to be a pattern.
	return [
		async ({ task }, use) => {
			const limitMs = (task ?? currentTest())?.timeout;
			const daemon = await startDaemon(within(limitMs, options));
			try {
				await use(daemon);
				await assertNotDied(daemon, task?.result?.state === 'fail');
			} finally {
				await daemon[Symbol.asyncDispose]();
			}
		},
		{ scope },
	];
}

/** A fixture of a file or worker is given no task: the test that asked for it first is the current one (vitest 4.1). */
function currentTest(): { readonly timeout: number } | undefined {
	return 'TestRunner' in vitest ? vitest.TestRunner.getCurrentTest() : undefined;
}

/** A limit of 0 is vitest's word for none. */
function within(limitMs: number | undefined, options: DaemonOptions): DaemonOptions {
	const wantedMs = options.startupTimeout ?? options.timeout ?? Number.POSITIVE_INFINITY;
	const allowedMs = limitMs && Number.isFinite(limitMs) ? Math.floor(limitMs * 0.8) : Number.POSITIVE_INFINITY;
	return allowedMs < Math.min(wantedMs, timeLimits(options).startupMs)
		? { ...options, startupTimeout: allowedMs }
		: options;
}
