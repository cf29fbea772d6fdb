/** The entry `withdaemon/node-test`: a daemon around tests of node:test, by its hooks. */
import { after, afterEach, before, beforeEach, type TestContext } from 'node:test';
import { checkedAtCallOf } from '../call-site.ts';
import { noteTold } from '../hooks/end-daemon.ts';
import type { HookedTest, Hooks } from '../hooks/hooks.ts';
import { checkUse, HookedDaemon, hookDaemon, type UseDaemonOptions } from '../hooks/use-daemon.ts';
import type { Captures, DaemonOptions, RunningDaemon } from '../index.ts';

export type { UseDaemonOptions } from '../hooks/use-daemon.ts';

/**
 * Starts a daemon before the tests of the file or `describe` in which it is called, and tears it down after them. If
 * the daemon dies, the test that runs fails when it ends, and later tests fail; with the option `signal: daemon.signal`
 * a test fails at once. A failing test shows what the daemon has logged during it.
 *
 * @param options the options, or a function that returns them. It is called right before the start, so it can use the
 * daemons of an earlier `useDaemon`.
 * @returns the daemon. Its properties can be read in tests and in later hooks, its `signal` everywhere: it aborts
 * when the daemon dies (with `per: 'test'` it can only be read in tests).
 * @throws {@link InvalidOptionError} at once if options are invalid.
 *
 * @example
 * const redis = useDaemon({ startupCommand: 'redis-server --port {port}', port: 'auto', lookFor: 'Ready to accept' });
 * test('runs', { signal: redis.signal }, () => assert(redis.isAlive()));
 */
export function useDaemon<C extends Captures = Captures>(
	options: DaemonOptions<C> | (() => DaemonOptions<C>),
	how: UseDaemonOptions = {},
): RunningDaemon<C> {
	const daemon = new HookedDaemon(options);
	const use = checkedAtCallOf(useDaemon, () => checkUse(options, how));
	const handle = hookDaemon(hooks, daemon, use);
	if (use.per === 'test') return handle;
	return new Proxy(handle, {
		get: (_, name) => (name === 'signal' ? daemon.died : Reflect.get(handle, name)),
	});
}

/** For node:test, Infinity means no limit. */
const within = (limitMs: number) => ({ timeout: limitMs || Number.POSITIVE_INFINITY });

const hooks: Hooks = {
	beforeAll: (work, limitMs) => before(work, within(limitMs)),
	afterAll: (work, limitMs) => after(work, within(limitMs)),
	beforeEach: (work, limitMs) => beforeEach(context => work(hooked(context as Context)), within(limitMs)),
	afterEach: (work, limitMs) => afterEach(context => work(hooked(context as Context)), within(limitMs)),
};

/** The types of Node 20 lack what Node has had since 20.17. */
type Context = TestContext & { readonly passed?: boolean; readonly error?: Error | null };

function hooked(context: Context): HookedTest {
	const hasFailed = () => context.passed === false && Boolean(context.error);
	const tell = (text: string) => {
		for (const line of text.split('\n')) context.diagnostic(line);
	};
	return {
		// node:test does not say whether it is.
		isConcurrent: false,
		hasFailed,
		// The option `signal` of the test does that.
		endAtDeath:
			({ signal }) =>
			() => {
				if (!signal.aborted || !isCausedBy(context.error, signal.reason)) return false;
				noteTold(signal.reason);
				return true;
			},
		onOver: (work, limitMs) => context.after(work, within(limitMs)),
		onFailed: work =>
			context.after(async () => {
				if (hasFailed()) await work();
			}),
		failure: () => String(context.error?.message),
		append: tell,
		show: async ({ shown }) => tell(shown),
	};
}

/** Node wraps the reason of a signal, and what a test throws. */
function isCausedBy(error: unknown, death: unknown): boolean {
	return error === death || (error instanceof Error && error.cause !== undefined && isCausedBy(error.cause, death));
}
