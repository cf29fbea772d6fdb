/** A daemon as a fixture for `test.extend`: started only for tests that ask for it. */
import { scheduler } from 'node:timers/promises';
import type * as vitest from 'vitest';
import { checkedAtCallOf } from '../call-site.ts';
import {
	type Captures,
	type DaemonOptions,
	InvalidOptionError,
	type RunningDaemon,
	startDaemon,
	timeLimits,
} from '../index.ts';
import { endDaemon } from './end-daemon.ts';
import { currentTest } from './running-test.ts';

export interface FixtureOptions {
	/**
	 * Whose daemon it is: each `'test'` gets one, the default, or the `'file'`, or the `'worker'`. What the teardown of a
	 * worker's daemon finds is always a process warning: vitest 4 and 5 do not fail the run for the worker that ends last.
	 */
	readonly scope?: 'test' | 'file' | 'worker';
}

type Use<C extends Captures> = (daemon: RunningDaemon<C>) => Promise<void>;

/** What `test.extend` takes. It is a pair, with the scope; but only from a function does vitest infer what it gives. */
export type DaemonFixture<C extends Captures = Captures> = (context: object, use: Use<C>) => Promise<void>;

/**
 * A fixture that is a running daemon. vitest counts its start into the time limit of the test that asks first, so the
 * daemon gets four fifths of that at most: one sees this library's error, not `Test timed out`. Asked for in a hook, the
 * daemon should get a `startupTimeout` below the hook's limit, which vitest does not tell. A daemon that dies, and what
 * its teardown finds, fail the test; with another scope the file or the run.
 *
 * @param options or a function that returns them, of the fixtures that it names in a pattern: they are started before.
 * @throws {@link InvalidOptionError}, at once, for options that are wrong; from a function, when they are needed.
 *
 * @example
 * const test = base.extend({ redis: daemonFixture({ startupCommand: 'redis-server', lookFor: 'Ready to accept' }) });
 * test('runs', ({ redis }) => expect(redis.isAlive()).toBe(true));
 */
export function daemonFixture<Fixtures extends object = object, C extends Captures = Captures>(
	options: DaemonOptions<C> | ((fixtures: Fixtures) => DaemonOptions<C>),
	{ scope = 'test' }: FixtureOptions = {},
): DaemonFixture<C> {
	const text = checkedAtCallOf(daemonFixture, () => {
		if (typeof options === 'function') return textOf(options);
		timeLimits(options);
		return '({ task, signal })';
	});
	const fixture = async (context: Fixtures & Partial<vitest.TestContext>, use: Use<C>) => {
		const { task, signal } = context;
		// Something else that the test had asked for took until the test was over: nobody would end this daemon.
		if (signal?.aborted && task?.result?.state !== 'run') return;
		const test = task ?? (await currentTest());
		const wanted = typeof options === 'function' ? options(context) : options;
		const { startupMs, teardownMs } = timeLimits(wanted);
		const startupTimeout = Math.min(startupMs - teardownMs, fourFifthsOf(test?.timeout));
		const starting = startDaemon({ ...wanted, startupTimeout });
		let isPending = true;
		let isOver = false;
		let failure: unknown;
		test?.context.onTestFinished(async () => {
			isOver = true;
			if (failure !== undefined) throw failure;
			if (!isPending) return;
			// The test timed out meanwhile: vitest does not wait for such a fixture, and would not end it.
			const daemon = await starting;
			if (scope === 'test') await daemon[Symbol.asyncDispose]();
		}, startupMs + teardownMs);
		const daemon = await starting.finally(() => {
			isPending = false;
		});
		await use(daemon);
		await endDaemon(daemon, task?.result?.state === 'fail').catch(async error => {
			if (scope === 'worker') await warn(error);
			if (scope !== 'test' || isOver) throw error;
			// Until vitest 5 one teardown that throws keeps it from calling the others: this is thrown a little later.
			failure = error;
		});
	};
	return [Object.assign(fixture, { toString: () => text }), { scope }] as unknown as DaemonFixture<C>;
}

/** vitest reads in the text of a fixture what it needs, in the pattern that its first parameter has to be. */
function textOf(options: (fixtures: never) => DaemonOptions): string {
	const text = options.toString();
	if (/^[^(=]*\(\s*\)/.test(text)) return '({ task, signal })';
	const withContext = text.replace(/^([^({]*\()\s*\{/, '$1{ task, signal, ');
	if (withContext !== text) return withContext;
	throw new InvalidOptionError('daemonFixture', [
		'`daemonFixture`: the function has to name the fixtures that it needs in a pattern, as in `({ redis }) => …`.',
	]);
}

/** A limit of 0 is vitest's word for none. */
function fourFifthsOf(limitMs: number | undefined): number {
	return limitMs ? Math.max(1, Math.floor(limitMs * 0.8)) : Number.POSITIVE_INFINITY;
}

/** To be written before the worker reports its end: then vitest stops reading what it writes. */
async function warn({ name, message }: Error): Promise<void> {
	process.emitWarning(message, name);
	// Not `setImmediate`: a test may have replaced that.
	await scheduler.yield();
}
