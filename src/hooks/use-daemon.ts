/** A daemon around the tests of a file, of a group of tests, or around each test, by the hooks of any test runner. */
import {
	type Captures,
	type DaemonOptions,
	InvalidOptionError,
	type RunningDaemon,
	startDaemon,
	timeLimits,
} from '../index.ts';
import { findGivenProblems, type Rule } from '../option-rules.ts';
import { checkDaemon, endDaemon } from './end-daemon.ts';
import { handleFor } from './handle.ts';
import type { HookedTest, Hooks } from './hooks.ts';
import { showLogIfFailed } from './show-log.ts';

export interface UseDaemonOptions {
	/** `'suite'`, the default: one daemon for the file or the `describe` around; `'test'`: a fresh one for each test. */
	readonly per?: 'suite' | 'test';
}

/** How long the hooks may take, in ms, where 0 means no limit; and for how long there is one daemon. */
interface Use {
	readonly startupMs: number;
	readonly teardownMs: number;
	readonly per: 'suite' | 'test';
}

/** @returns the handle of the daemon, for tests and later hooks. */
export function hookDaemon<C extends Captures>(
	hooks: Hooks,
	daemon: HookedDaemon<C>,
	{ startupMs, teardownMs, per }: Use,
): RunningDaemon<C> {
	// Hooks run in pairs, the last one first, so that what was made before the daemon outlives it. But when one throws,
	// a runner skips the others: then `onOver` ends the daemon.
	if (per === 'test') {
		hooks.beforeEach(async test => {
			if (test.isConcurrent) throw new InvalidOptionError('useDaemon', [CONCURRENT]);
			test.onOver(() => daemon.end(test.hasFailed()), startupMs);
			await daemon.start();
			daemon.watch(test, true);
		}, startupMs);
		hooks.afterEach(test => daemon.end(test.hasFailed()), teardownMs);
	} else {
		hooks.beforeAll(() => daemon.start(), startupMs);
		hooks.beforeEach(async test => {
			await daemon.check(false);
			const isTold = daemon.watch(test, false);
			test.onOver(async () => {
				if (!isTold()) await daemon.check(test.hasFailed());
			}, teardownMs);
		}, teardownMs);
		hooks.afterAll(() => daemon.end(false), teardownMs);
	}
	return handleFor(() => daemon.current);
}

/**
 * Checks the arguments of `useDaemon`. The options of a function are not known yet, so then only the daemon's own
 * limits count.
 *
 * @throws {@link InvalidOptionError} if they are invalid.
 */
export function checkUse<C extends Captures>(
	options: DaemonOptions<C> | (() => DaemonOptions<C>),
	how: UseDaemonOptions,
): Use {
	const problems = findGivenProblems({}, how, { per: PER });
	if (problems.length > 0) throw new InvalidOptionError('useDaemon', problems);
	const limits = typeof options === 'function' ? { startupMs: 0, teardownMs: 0 } : timeLimits(options);
	return { ...limits, per: how.per ?? 'suite' };
}

const PER: Rule = { expected: "'suite' or 'test'", accepts: value => value === 'suite' || value === 'test' };

const CONCURRENT =
	"`per: 'test'` is for tests that run one after the other: for `test.concurrent` use `daemonFixture`.";

/** The daemon of hooks: the one that runs at the moment, if any. */
export class HookedDaemon<C extends Captures> {
	current: RunningDaemon<C> | undefined;
	readonly #options: DaemonOptions<C> | (() => DaemonOptions<C>);
	#starting: Promise<RunningDaemon<C>> | undefined;
	readonly #died = new AbortController();
	#isTold = () => false;
	#holdLog = () => {};

	constructor(options: DaemonOptions<C> | (() => DaemonOptions<C>)) {
		this.#options = options;
	}

	async start(): Promise<void> {
		this.#starting = startDaemon(typeof this.#options === 'function' ? this.#options() : this.#options);
		this.current = await this.#starting;
		const { signal } = this.current;
		signal.addEventListener('abort', () => this.#died.abort(signal.reason), { once: true });
	}

	/** Aborts when a daemon dies. Unlike the signal of a daemon, it is there before the start. */
	get died(): AbortSignal {
		return this.#died.signal;
	}

	/** @returns whether the test has failed with the daemon's death. */
	watch(test: HookedTest, isSinceStart: boolean): () => boolean {
		if (!this.current) return () => false;
		this.#holdLog = showLogIfFailed(test, this.current, isSinceStart);
		this.#isTold = test.endAtDeath(this.current);
		return this.#isTold;
	}

	async check(isSuspected: boolean): Promise<void> {
		if (this.current) await checkDaemon(this.current, isSuspected);
	}

	async end(isSuspected: boolean): Promise<void> {
		const ending = await this.#starting?.catch(() => undefined);
		this.#starting = undefined;
		this.current = undefined;
		this.#isTold();
		this.#holdLog();
		if (ending) await endDaemon(ending, isSuspected);
	}
}
