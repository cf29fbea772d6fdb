/** The main job: start a daemon in a temporary folder, use it, stop it, and be sure that nothing is left. */
import { tmpdir } from 'node:os';
import { seenFromCallOf } from './call-site.ts';
import { Daemon } from './daemon.ts';
import { InvalidOptionError, StartupError, throwAll } from './errors.ts';
import { type Keep, keepOf, tellKept } from './kept-folder.ts';
import type { Preparation, Scope } from './lifecycle/plan.ts';
import type { Captures } from './log/captures.ts';
import type { CoreOptions, DaemonOptions } from './options/options.ts';
import { assertValid, DEFAULT_TIMEOUT_MS, withHelperDefaults } from './options/resolve.ts';
import { registerCaller } from './reaper/register-caller.ts';
import { waitForSweep } from './reaper/sweep.ts';
import { Entry } from './registry/entry.ts';
import { locateRegistry } from './registry/folder.ts';
import { makeTemporaryFolder, removeFolder } from './temporary-folder.ts';
import { now } from './time/clock.ts';
import { keepAlive, unlessAborted } from './time/deadline.ts';

/** What a helper's daemon has of its own. */
interface Place {
	readonly dir: string;
	readonly entry: Entry;
	readonly keep: Keep | undefined;
	readonly preparation: Preparation;
}

/** A daemon that is ready, with a teardown that also removes its temporary folder. */
export class RunningDaemon<C extends Captures = Captures> extends Daemon<C> {
	/** Its temporary folder, with the log and the PID file if they were not put elsewhere. Mode 0700. */
	readonly dir: string;
	readonly #place: Place;
	readonly #aborted: AbortSignal | undefined;
	/** The teardown that an abort has begun, until somebody is told what it has found. */
	#ending: Promise<void> | undefined;
	/** What has gone wrong so far, or a sign of it. */
	readonly #failures: unknown[] = [];
	#isKept = false;

	/** @internal Made by {@link startDaemon}. */
	constructor(options: CoreOptions<C>, scope: Scope & Place) {
		super(options, scope);
		this.dir = scope.dir;
		this.#place = scope;
		this.#aborted = scope.signal;
	}

	/** As that of {@link Daemon}; from then on the option `signal` ends it. */
	override async startup(how: { readonly exit?: boolean } = {}): Promise<this> {
		await super.startup(how);
		if (this.#aborted?.aborted) this.#endAtAbort();
		this.#aborted?.addEventListener('abort', this.#endAtAbort, { once: true });
		return this;
	}

	/** The pid of the latest start, also after its end. */
	override get pid(): number {
		// Users get this object after its start, and from then on there is one.
		return super.pid as number;
	}

	override async [Symbol.asyncDispose](): Promise<void> {
		const ending = this.#ending ?? this.#end();
		this.#ending = undefined;
		await seenFromCallOf(this[Symbol.asyncDispose], () => ending);
	}

	/** @internal To be told before the teardown: its temporary folder may be wanted. */
	noteFailure(error: unknown): void {
		this.#failures.push(error);
	}

	/** @internal As that of {@link Daemon}; a test that has failed is a failure of the use. */
	override async assertNotDied(isSuspected: boolean): Promise<void> {
		if (isSuspected) this.noteFailure(undefined);
		await super.assertNotDied(isSuspected).catch(death => {
			this.noteFailure(undefined);
			throw death;
		});
	}

	readonly #endAtAbort = (): void => {
		this.noteFailure(undefined);
		this.#ending ??= this.#end();
		this.#ending.catch(() => {});
	};

	async #end(): Promise<void> {
		this.#aborted?.removeEventListener('abort', this.#endAtAbort);
		const ending = super[Symbol.asyncDispose]();
		await ending.catch(error => this.noteFailure(error));
		// Once: a folder that was kept is not removed by another teardown.
		if (this.#isKept) return await ending;
		await both(ending, async () => {
			this.#isKept = await clear(this.#place, this, this.#failures);
		});
	}
}

/**
 * Starts a daemon and resolves when it is ready. Use it with `await using`, or call its `[Symbol.asyncDispose]()`: that
 * is the teardown, which stops the daemon and proves that nothing of it is left.
 *
 * @example
 * await using redis = await startDaemon({ startupCommand: 'redis-server', lookFor: 'Ready to accept connections' });
 * redis.isAlive(); //=> true
 *
 * @throws {@link InvalidOptionError}, {@link AlreadyRunningError}, {@link StartupError}, {@link StartupTimeoutError};
 * nothing is left of a start that failed.
 */
export async function startDaemon<C extends Captures = Captures>(options: DaemonOptions<C>): Promise<RunningDaemon<C>> {
	return await seenFromCallOf(startDaemon, () => start(options));
}

async function start<C extends Captures>(options: DaemonOptions<C>): Promise<RunningDaemon<C>> {
	assertValid(options);
	const place = await prepare(options);
	const core = withHelperDefaults(options, place.dir);
	const ownLog = options.logFile === undefined ? core.logFile : undefined;
	const daemon = new RunningDaemon(core, { ...place, ownLog, signal: options.signal });
	const starting = daemon.startup();
	await starting.catch(error => both(starting, () => clear(place, daemon, [error])));
	return daemon;
}

/** What has to be there before the daemon: the reaper, an entry in the registry, a folder. The start's time runs already. */
async function prepare(options: DaemonOptions): Promise<Place> {
	const since = now();
	const { name = 'daemon', timeout, startupTimeout, signal } = options;
	const keep = keepOf(options);
	const fail = (what: string) => (cause: unknown) => {
		throw new StartupError(name, `could not be started: ${what}`, { cause, evidence: [['cause', String(cause)]] });
	};
	const { folder, sweep } = await registerCaller().catch(fail(`it cannot be noted in ${locateRegistry()}`));
	const entry = new Entry(folder);
	const evidence = await waitForSweep(sweep, startupTimeout ?? timeout ?? DEFAULT_TIMEOUT_MS, signal);
	const dir = await makeTemporaryFolder(path => {
		// Nobody who cleans up after a dead caller removes what was not noted.
		if (keep !== 'always') entry.note({ folder: path });
	}).catch(error => {
		entry.remove();
		return fail(`no temporary folder can be made in ${tmpdir()}`)(error);
	});
	return { entry, dir, keep, preparation: { since, evidence } };
}

/** Answers whether the folder is kept. Of a daemon that could not be ended all stays noted: the reaper will try again. */
async function clear(
	{ dir, entry, keep }: Omit<Place, 'preparation'>,
	daemon: Daemon,
	failures: readonly unknown[],
): Promise<boolean> {
	const isOver = daemon.isOver();
	const isKept = keep === 'always' || (keep === 'failed' && failures.length > 0 && isOver);
	if (isOver && !isKept) await removeFolder(dir);
	if (isOver) entry.remove();
	if (isKept) tellKept(daemon.name, dir, failures);
	return isKept;
}

/** Runs `after` however `work` ends, and keeps the errors of both. */
async function both(work: Promise<unknown>, after: () => Promise<unknown>): Promise<void> {
	const [worked] = await Promise.allSettled([work]);
	const [done] = await Promise.allSettled([after()]);
	const failures = [worked, done].filter(result => result.status === 'rejected').map(({ reason }): unknown => reason);
	throwAll(failures);
}

/**
 * Runs `fn` with a daemon that is ready, and stops the daemon afterwards, whatever happened. Resolves with what `fn`
 * returned.
 *
 * @param fn gets the daemon, and a signal that aborts when the daemon dies or the option `signal` does.
 * @example
 * await withDaemon({ startupCommand: ['node', 'server.js'], lookFor: /port (?<port>\d+)/ }, async daemon => {
 *   await fetch(`http://127.0.0.1:${daemon.captures.port}/`);
 * });
 *
 * @throws whatever `fn` throws; {@link DaemonExitedError} as soon as the daemon dies; the reason of the option `signal`; what {@link startDaemon} throws; what
 * the teardown finds. If both `fn` and the teardown failed, an `AggregateError` of both, the test's first.
 */
export async function withDaemon<T, C extends Captures = Captures>(
	options: DaemonOptions<C>,
	fn: (daemon: RunningDaemon<C>, context: { readonly signal: AbortSignal }) => T | Promise<T>,
): Promise<T> {
	return await seenFromCallOf(withDaemon, () => run(options, fn));
}

async function run<T, C extends Captures>(
	options: DaemonOptions<C>,
	fn: (daemon: RunningDaemon<C>, context: { readonly signal: AbortSignal }) => T | Promise<T>,
): Promise<T> {
	assertValid(options);
	if (typeof fn !== 'function') throw new InvalidOptionError(options.name ?? 'daemon', [WITHOUT_FUNCTION]);
	const daemon = await start(options);
	// A set, as a death that has ended `fn` is found once more after it.
	const failures = new Set<unknown>();
	const note = (error: unknown) => {
		failures.add(error);
		daemon.noteFailure(error);
	};
	const signal = options.signal ? AbortSignal.any([daemon.signal, options.signal]) : daemon.signal;
	const result = await use(daemon, signal, fn).catch(note);
	await daemon.assertNotDied(failures.size > 0).catch(note);
	await daemon[Symbol.asyncDispose]().catch(note);
	throwAll([...failures]);
	return result as T;
}

const WITHOUT_FUNCTION =
	'`withDaemon` needs a function as its second argument: for a daemon that goes on without one there is `startDaemon`.';

async function use<T, C extends Captures>(
	daemon: RunningDaemon<C>,
	signal: AbortSignal,
	fn: (daemon: RunningDaemon<C>, context: { readonly signal: AbortSignal }) => T | Promise<T>,
): Promise<T> {
	const running = Promise.resolve().then(() => fn(daemon, { signal }));
	return await keepAlive(unlessAborted(running, signal));
}
