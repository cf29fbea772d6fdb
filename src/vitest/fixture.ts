/** A daemon as a fixture for `test.extend`, which is only started for tests that use it. */
import { scheduler } from 'node:timers/promises';
import type * as vitest from 'vitest';
import { checkedAtCallOf } from '../call-site.ts';
import { checkDaemon, endDaemon } from '../hooks/end-daemon.ts';
import { showLogIfFailed } from '../hooks/show-log.ts';
import {
	type Captures,
	type DaemonOptions,
	InvalidOptionError,
	type RunningDaemon,
	startDaemon,
	timeLimits,
} from '../index.ts';
import { findGivenProblems, type Rule } from '../option-rules.ts';
import { hooked } from './hooked-test.ts';
import { currentTest } from './running-test.ts';
import { endAtDeath, forEachTest, type Test } from './test-run.ts';

export interface FixtureOptions {
	/**
	 * Whether each `'test'`, the default, each `'file'` or each `'worker'` gets a daemon. Errors of the teardown of a
	 * worker's daemon are always process warnings, as vitest 4 and 5 do not fail the run for the worker that ends last.
	 */
	readonly scope?: 'test' | 'file' | 'worker';
}

type Use<C extends Captures> = (daemon: RunningDaemon<C>) => Promise<void>;

/**
 * A fixture for `test.extend`. In fact it is a pair with the scope, but vitest infers the type only from a function.
 */
export type DaemonFixture<C extends Captures = Captures> = (context: object, use: Use<C>) => Promise<void>;

/**
 * A fixture that is a running daemon. vitest counts its start into the time limit of the first test that uses it, so
 * the daemon gets at most four fifths of that: then this library's error is shown, not `Test timed out`. vitest does
 * not tell the limit of a hook, so a daemon that a hook uses should get a `startupTimeout` below that limit. The death
 * of the daemon and errors of its teardown fail the test; with another scope, the file or the run.
 *
 * @param options the options, or a function that returns them. Fixtures that its parameter names in a pattern start
 * first.
 * @throws {@link InvalidOptionError} at once if options are invalid; for a function, when the daemon starts.
 *
 * @example
 * const test = base.extend({ redis: daemonFixture({ startupCommand: 'redis-server', lookFor: 'Ready to accept' }) });
 * test('runs', ({ redis }) => expect(redis.isAlive()).toBe(true));
 */
export function daemonFixture<Fixtures extends object = object, C extends Captures = Captures>(
	options: DaemonOptions<C> | ((fixtures: Fixtures) => DaemonOptions<C>),
	how: FixtureOptions = {},
): DaemonFixture<C> {
	const text = checkedAtCallOf(daemonFixture, () => {
		const problems = findGivenProblems({}, how, { scope: SCOPE });
		if (problems.length > 0) throw new InvalidOptionError('daemonFixture', problems);
		if (typeof options === 'function') return textOf(options);
		timeLimits(options);
		return '({ task, signal })';
	});
	const { scope = 'test' } = how;
	const fixture = async (context: Fixtures & Partial<vitest.TestContext>, use: Use<C>) => {
		const { task, signal } = context;
		// Another fixture took until the test was over, so vitest would never end this daemon.
		if (signal?.aborted && task?.result?.state !== 'run') return;
		const test = task ?? (await currentTest());
		const wanted = typeof options === 'function' ? options(context) : options;
		const { readyMs, startupMs, teardownMs } = timeLimits(wanted);
		const startupTimeout = Math.min(readyMs, fourFifthsOf(test?.timeout));
		const starting = startDaemon({ ...wanted, startupTimeout });
		let isPending = true;
		let isOver = false;
		let failure: unknown;
		test?.context.onTestFinished(async () => {
			isOver = true;
			if (failure !== undefined) throw failure;
			if (!isPending) return;
			// The test has timed out meanwhile, so vitest does not wait for this fixture and would not end it.
			const daemon = await starting;
			if (scope === 'test') await daemon[Symbol.asyncDispose]();
		}, startupMs + teardownMs);
		const daemon = await starting.finally(() => {
			isPending = false;
		});
		const stop = scope === 'test' ? test && watch(test, daemon) : watchInEachTest(daemon);
		await use(daemon);
		stop?.();
		await endDaemon(daemon, task?.result?.state === 'fail').catch(async error => {
			if (scope === 'worker') await warn(error);
			if (scope !== 'test' || isOver) throw error;
			// Before vitest 5 a teardown that throws keeps vitest from calling the others, so this is thrown a little later.
			failure = error;
		});
	};
	return [Object.assign(fixture, { toString: () => text }), { scope }] as unknown as DaemonFixture<C>;
}

const SCOPES: readonly unknown[] = ['test', 'file', 'worker'];
const SCOPE: Rule = { expected: "'test', 'file' or 'worker'", accepts: value => SCOPES.includes(value) };

/** Watches the daemon until the returned function is called, which has to be before the daemon's end. */
function watch(test: Test, daemon: RunningDaemon): () => void {
	const holdLog = showLogIfFailed(hooked(test), daemon, true);
	const stop = endAtDeath(test, daemon);
	return () => {
		holdLog();
		stop();
	};
}

/** Watches a daemon of the file or the worker for each test that uses it. */
function watchInEachTest(daemon: RunningDaemon): () => void {
	let isStartOver = false;
	const stop = forEachTest(test => {
		// vitest adds the fixtures that a test uses to its context.
		const uses = () => Object.values(test.context).includes(daemon);
		showLogIfFailed(hooked(test), daemon, !isStartOver, uses);
		const isTold = endAtDeath(test, daemon, uses);
		test.context.onTestFinished(async () => {
			if (!isTold() && uses()) await checkDaemon(daemon, test.result?.state === 'fail');
		}, 0);
	});
	isStartOver = true;
	return stop;
}

/** vitest reads from a fixture's source text which fixtures it needs: its first parameter has to be a pattern. */
function textOf(options: (fixtures: never) => DaemonOptions): string {
	const text = options.toString();
	if (/^[^(=]*\(\s*\)/.test(text)) return '({ task, signal })';
	const withContext = text.replace(/^([^({]*\()\s*\{/, '$1{ task, signal, ');
	if (withContext !== text) return withContext;
	throw new InvalidOptionError('daemonFixture', [
		'`daemonFixture`: the function has to name the fixtures that it needs in a pattern, as in `({ redis }) => …`.',
	]);
}

/** In vitest a limit of 0 means no limit. */
function fourFifthsOf(limitMs: number | undefined): number {
	return limitMs ? Math.max(1, Math.floor(limitMs * 0.8)) : Number.POSITIVE_INFINITY;
}

/** The warning has to be written before the worker reports its end, as vitest stops reading its output then. */
async function warn({ name, message }: Error): Promise<void> {
	process.emitWarning(message, name);
	// Not `setImmediate`, which a test may have replaced.
	await scheduler.yield();
}
