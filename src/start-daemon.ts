/** Starts a daemon in a temporary folder, with a reaper and a teardown that leaves nothing behind. */
import { tmpdir } from 'node:os';
import { seenFromCallOf } from './call-site.ts';
import { Daemon } from './daemon.ts';
import { reasonsOf, throwAll } from './error-text.ts';
import { StartupError } from './errors.ts';
import { explainNoProcess } from './evidence/launch-failure.ts';
import { type Keep, keepOf, tellKept } from './kept-folder.ts';
import { callersEnvironment } from './lifecycle/filling.ts';
import type { ReleasedFacts } from './lifecycle/released-facts.ts';
import { ALONE, type Membership, type Preparation, type Scoped } from './lifecycle/scope.ts';
import type { Captures } from './log/captures.ts';
import type { DaemonOptions } from './options/options.ts';
import { checkHelperOptions, DEFAULT_TIMEOUT_MS, type HelperOptions } from './options/resolve.ts';
import { Settings } from './options/settings.ts';
import { hasCode } from './os/errno.ts';
import { registerCaller } from './reaper/register-caller.ts';
import { waitForSweep } from './reaper/sweep.ts';
import { Entry } from './registry/entry.ts';
import type { ReleasedRecord } from './registry/fact.ts';
import { locateRegistry } from './registry/folder.ts';
import { makeTemporaryFolder, removeFolder } from './temporary-folder.ts';
import { now } from './time/clock.ts';
import { fewAtOnce } from './time/few-at-once.ts';

/** The resources of a helper's daemon, made before its start. */
interface HelperResources {
	readonly dir: string;
	readonly entry: Entry;
	readonly keep: Keep | undefined;
	readonly preparation: Preparation;
}

/** A daemon that is ready, with a teardown that also removes its temporary folder. */
export class RunningDaemon<C extends Captures = Captures> extends Daemon<C> {
	/** Its temporary folder, of mode 0700, with the log and the PID file unless options put them elsewhere. */
	readonly dir: string;
	readonly #resources: HelperResources;
	readonly #aborted: AbortSignal | undefined;
	/** The teardown that an abort began, until its result was reported. */
	#ending: Promise<void> | undefined;
	/** The errors so far, and signs of errors. */
	readonly #failures: unknown[] = [];
	#isKept = false;

	/** @internal Made by {@link startDaemon}. */
	constructor(settings: Settings, scope: Scoped, resources: HelperResources) {
		super(settings, scope);
		this.dir = scope.dir;
		this.#resources = resources;
		this.#aborted = scope.signal;
	}

	/** Like that of {@link Daemon}; from then on the option `signal` ends the daemon. */
	override async startup(how: { readonly exit?: boolean } = {}): Promise<this> {
		await super.startup(how);
		if (this.#aborted?.aborted) this.#endAtAbort();
		this.#aborted?.addEventListener('abort', this.#endAtAbort, { once: true });
		return this;
	}

	/** The pid of the latest start, even after the daemon's end. */
	override get pid(): number {
		// Users get this object after its start, so there is a pid.
		return super.pid as number;
	}

	override async [Symbol.asyncDispose](): Promise<void> {
		const ending = this.#ending ?? this.#end();
		this.#ending = undefined;
		await seenFromCallOf(this[Symbol.asyncDispose], () => ending);
	}

	/**
	 * @internal Proves that nothing is left of a task that is done. Its folder with the log stays until the teardown.
	 */
	async proveAbsence(): Promise<void> {
		await super[Symbol.asyncDispose]();
	}

	/**
	 * @internal Lets the daemon outlive the caller: its entry goes to this path of the registry, with the facts that
	 * others have to know. Until then it ends with the caller.
	 */
	async leaveTo(path: string, more: Omit<ReleasedRecord, keyof ReleasedFacts>): Promise<void> {
		const { entry } = this.#resources;
		await this.release(facts => {
			entry.note({ released: { ...more, ...facts } });
			entry.leaveTo(path);
		});
	}

	/** @internal Call this before the teardown, as the temporary folder may have to be kept. */
	noteFailure(error: unknown): void {
		this.#failures.push(error);
	}

	/** @internal Like that of {@link Daemon}; a test that failed counts as a failure of the use. */
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
		// Only once: another teardown must not remove a folder that was kept.
		if (this.#isKept) return await ending;
		await both(ending, async () => {
			this.#isKept = await clear(this.#resources, this, this.#failures);
		});
	}
}

/**
 * Starts a daemon and resolves when it is ready. Use it with `await using`, or call its `[Symbol.asyncDispose]()`: this
 * teardown stops the daemon and proves that nothing of it is left.
 *
 * @example
 * await using redis = await startDaemon({ startupCommand: 'redis-server', lookFor: 'Ready to accept connections' });
 * redis.isAlive(); //=> true
 *
 * @throws {@link InvalidOptionError}, {@link AlreadyRunningError}, {@link StartupError}, {@link StartupTimeoutError};
 * nothing is left of a start that failed.
 */
export async function startDaemon<C extends Captures = Captures>(options: DaemonOptions<C>): Promise<RunningDaemon<C>> {
	return await seenFromCallOf(startDaemon, () => startScoped(options, checkHelperOptions(options)));
}

/**
 * @internal Like {@link startDaemon}, with options that were checked. `onMade` gets the daemon before its start. Its
 * folder is in the one that `makeParent` makes, or else in the one for temporary files.
 */
export async function startScoped<C extends Captures>(
	options: DaemonOptions<C>,
	inFolder: HelperOptions,
	membership: Membership = ALONE,
	onMade: (daemon: RunningDaemon) => void = () => {},
	makeParent?: () => string,
): Promise<RunningDaemon<C>> {
	const resources = await prepare(options, makeParent);
	const { dir, entry, preparation } = resources;
	const { given, resolved } = inFolder(dir);
	const ownLog = options.logFile === undefined ? resolved.logFile : undefined;
	const scope: Scoped = { kind: 'scoped', dir, entry, ownLog, signal: options.signal, membership, preparation };
	const daemon = new RunningDaemon<C>(new Settings(given, resolved, dir), scope, resources);
	onMade(daemon);
	const starting = daemon.startup();
	await starting.catch(error => both(starting, () => clear(resources, daemon, [error])));
	return daemon;
}

/** Whether a process could not be created: EAGAIN, EMFILE, ENOMEM. */
const isOfSpawn = (cause: NodeJS.ErrnoException) => cause.syscall?.startsWith('spawn') === true;
const whyNoReaper = (cause: unknown) =>
	`cannot start the reaper${hasCode(cause, 'EAGAIN') ? `: ${explainNoProcess()}` : ''}`;

/**
 * Makes what a daemon needs before its start: the reaper, an entry in the registry, a folder. The start's time already
 * runs.
 */
async function prepare(options: DaemonOptions, makeParent: (() => string) | undefined): Promise<HelperResources> {
	const since = now();
	const { name = 'daemon', timeout, startupTimeout, signal } = options;
	const keep = keepOf(options);
	// The caller may change its environment while this waits.
	const env = callersEnvironment();
	const parent = makeParent ?? tmpdir();
	const fail = (what: string) => (cause: unknown) => {
		throw new StartupError(name, `could not be started: ${what}`, { cause, evidence: [['cause', String(cause)]] });
	};
	const { folder, sweep, reaper } = await registerCaller().catch(cause =>
		fail(isOfSpawn(cause) ? whyNoReaper(cause) : `cannot write to the registry ${locateRegistry()}`)(cause),
	);
	await fewAtOnce();
	const entry = new Entry(folder, reaper);
	const evidence = await waitForSweep(sweep, startupTimeout ?? timeout ?? DEFAULT_TIMEOUT_MS, signal);
	const dir = await makeTemporaryFolder(
		entry.id,
		path => {
			// A folder that was not noted is not removed after the caller's death.
			if (keep !== 'always') entry.note({ folder: path });
		},
		parent,
	).catch(error => {
		entry.remove();
		return fail(`cannot make a temporary folder in ${typeof parent === 'string' ? parent : parent()}`)(error);
	});
	return { entry, dir, keep, preparation: { since, evidence, env } };
}

/**
 * Returns whether the folder is kept. If the daemon could not be stopped, its entry stays, so that the reaper tries
 * again.
 */
async function clear(
	{ dir, entry, keep }: HelperResources,
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
	throwAll(reasonsOf([worked, done]));
}
