/** Runs a daemon for a file, a `describe` or each test, with vitest's hooks. */
import * as vitest from 'vitest';
import { checkedAtCallOf } from '../call-site.ts';
import type { Hooks } from '../hooks/hooks.ts';
import { checkUse, HookedDaemon, hookDaemon, type UseDaemonOptions } from '../hooks/use-daemon.ts';
import type { Captures, DaemonOptions, RunningDaemon } from '../index.ts';
import { hooked } from './hooked-test.ts';

/**
 * Starts a daemon before the tests of the file or `describe` in which it is called, and tears it down after them. If
 * the daemon dies, the test that runs fails at once, and later tests do too. Errors of its start or teardown fail the
 * suite. The hooks have the daemon's own time limits, not `hookTimeout`.
 *
 * @param options the options, or a function that returns them. It is called right before the start, so it can use the
 * daemons of an earlier `useDaemon`.
 * @returns the daemon. Its properties can be read in tests and in later hooks; elsewhere they throw.
 * @throws {@link InvalidOptionError} at once if options are invalid.
 *
 * @example
 * const redis = useDaemon({ startupCommand: 'redis-server --port {port}', port: 'auto', lookFor: 'Ready to accept' });
 * const app = useDaemon(() => ({ startupCommand: 'node app.js', env: { REDIS_PORT: redis.port }, port: 'auto' }));
 * test('runs', () => expect(app.isAlive()).toBe(true));
 */
export function useDaemon<C extends Captures = Captures>(
	options: DaemonOptions<C> | (() => DaemonOptions<C>),
	how: UseDaemonOptions = {},
): RunningDaemon<C> {
	return hookDaemon(
		hooks,
		new HookedDaemon(options),
		checkedAtCallOf(useDaemon, () => checkUse(options, how)),
	);
}

/** In vitest a limit of 0 means no limit. */
const hooks: Hooks = {
	beforeAll: (work, limitMs) => vitest.beforeAll(work, limitMs),
	afterAll: (work, limitMs) => {
		vitest.afterAll(work, limitMs);
		// vitest skips the other hooks when one throws, but not this one (since 4.1).
		if ('aroundAll' in vitest)
			vitest.aroundAll(async runSuite => {
				await runSuite();
				await work();
			}, limitMs);
	},
	beforeEach: (work, limitMs) => vitest.beforeEach(({ task }) => work(hooked(task)), limitMs),
	afterEach: (work, limitMs) => vitest.afterEach(({ task }) => work(hooked(task)), limitMs),
};
