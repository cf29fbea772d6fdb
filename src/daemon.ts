/** The story of a daemon: what happens in which order, from start to gone. */
import { type ExitStatus, InvalidOptionError, UnsupportedPlatformError } from './errors.ts';
import type { StartupFailure } from './evidence/startup-failure.ts';
import { describeTeardown, NOTHING_TO_END, type TeardownReport, teardownError } from './evidence/teardown-failure.ts';
import { adopt, type Launched } from './launch/launched.ts';
import { Lifetime } from './lifetime.ts';
import { Log } from './log/log.ts';
import type { CoreOptions, ResolvedOptions, ServerDaemonOptions } from './options/options.ts';
import { planRequest, type Scope } from './options/plan.ts';
import { resolveOptions } from './options/resolve.ts';
import { killAndLog, PidFile } from './pid-file.ts';
import { identify, isRunning } from './process/identity.ts';
import { toSignal } from './process/signals.ts';
import { Start } from './start.ts';
import { keepAlive } from './time/deadline.ts';
import { Queue } from './time/queue.ts';

/** Where a daemon stands. `failed`: its start failed, or it ended without having been asked to. */
export type DaemonState = 'idle' | 'starting' | 'ready' | 'stopping' | 'stopped' | 'failed';

/** An end that follows one of these within `shutdownTimeout` is what was asked for. */
const ENDING = new Set<NodeJS.Signals | undefined>(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGKILL', 'SIGABRT']);

/** Every option can be read as a property. */
export interface Daemon extends ResolvedOptions {}

/**
 * A daemon process: started, known to be ready, stopped. Nothing is chosen or cleaned up without being asked: for that
 * see `withDaemon`. Port of Ruby's `Servolux::Daemon`.
 *
 * @example
 * const daemon = new Daemon({ name: 'redis', startupCommand: 'redis-server', pidFile: '/tmp/redis.pid' });
 * await daemon.startup();
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns every property of the interface.
export class Daemon implements AsyncDisposable {
	readonly #scope: Scope;
	readonly #pidFile: PidFile;
	readonly #log: Log | undefined;
	#state: DaemonState = 'idle';
	/** The present life, or the latest one. */
	#life: Lifetime | undefined;
	#captures: Readonly<Record<string, string>> = {};
	/** Until then its end is no accident, in ms of `performance.now()`. */
	#endExpectedUntil = 0;
	#died = new AbortController();
	/** One operation at a time, in the order in which they were asked for; what ends the daemon cancels earlier starts. */
	readonly #queue = new Queue();
	/** The daemon is being asked to end. */
	#asking: Promise<void> | undefined;

	/**
	 * @throws {@link InvalidOptionError} that names every option that is unknown, missing, mistyped or contradictory.
	 * @throws {@link UnsupportedPlatformError} on Windows.
	 */
	constructor(options: CoreOptions | ServerDaemonOptions, scope: Scope = {}) {
		if (process.platform === 'win32') throw new UnsupportedPlatformError(String(options.name), 'Windows');
		Object.assign(this, resolveOptions(options, scope.dir));
		this.#scope = scope;
		this.#pidFile = this.pidFile instanceof PidFile ? this.pidFile : new PidFile(this.pidFile, this.logger);
		const end = () => this.#life?.launched.exited;
		if (this.logFile !== undefined) this.#log = new Log(this.logFile, this.name, this.timeout, end);
	}

	/** The pid of the latest start, also after its end; without one that of the living process in the PID file. */
	get pid(): number | undefined {
		return this.#life?.launched.identity.pid ?? this.#pidFile.livingPid;
	}

	get state(): DaemonState {
		return this.#state;
	}

	/** The named groups of `lookFor`, as they matched. */
	get captures(): Readonly<Record<string, string>> {
		return this.#captures;
	}

	/**
	 * What was logged since this start.
	 *
	 * @throws {@link InvalidOptionError} if there is none, as no `logFile` was given.
	 */
	get log(): Log {
		if (this.#log) return this.#log;
		throw new InvalidOptionError(this.name, [`${this.name} has no log: give it a \`logFile\`.`]);
	}

	/** Aborts, with a {@link DaemonExitedError} as its reason, when the daemon ends without having been asked to. */
	get signal(): AbortSignal {
		return this.#died.signal;
	}

	/** Resolves when the daemon has ended, and keeps the event loop alive until then. Rejects if it was not started. */
	get exited(): Promise<ExitStatus> {
		if (this.#life) return keepAlive(this.#life.launched.exited);
		return Promise.reject(new InvalidOptionError(this.name, [`${this.name} was not started.`]));
	}

	/** Whether it runs: by its identity, or by the PID file if it was started elsewhere. A zombie does not run. */
	isAlive(): boolean {
		return this.#life?.isRunning() || this.#pidFile.isAlive();
	}

	/** Sends a signal to the daemon alone, SIGINT by default. Logs why and answers `false` if it could not. */
	kill(signal: NodeJS.Signals | number | string = 'SIGINT'): boolean {
		if (!this.#life?.isRunning()) return this.#pidFile.kill(signal);
		const { identity } = this.#life.launched;
		const isSent = killAndLog(identity.pid, signal, () => isRunning(identity), this.logger);
		if (isSent && ENDING.has(toSignal(signal))) this.#endExpectedUntil = performance.now() + this.shutdownTimeout;
		return isSent;
	}

	/**
	 * Starts the daemon and resolves when it is ready. One that runs already is adopted.
	 *
	 * @param how `exit: true` releases the daemon and ends the caller with 0 once it is ready (the seed's default).
	 * @throws {@link StartupError} if it could not be launched or ended before it was ready; nothing of it is left.
	 * @throws {@link StartupTimeoutError} if it was not ready in time; it has been stopped.
	 */
	async startup(how: { readonly exit?: boolean } = {}): Promise<this> {
		await this.#queue.run(cancelled => this.#startUp(cancelled));
		if (how.exit) {
			this.#life?.launched.release();
			process.exit(0);
		}
		return this;
	}

	/**
	 * Asks the daemon to end, by `shutdownCommand` or else by SIGINT, and resolves when it is gone. Does nothing if it does
	 * not run. Never uses force, and leaves alone what the daemon leaves behind.
	 *
	 * @throws {@link ShutdownTimeoutError} if it was not gone in time; it was left running.
	 * @throws {@link ShutdownCommandError} if it could not be asked; it was left running.
	 */
	async shutdown(): Promise<this> {
		this.#queue.cancel();
		await this.#queue.run(() => this.#shutDown());
		return this;
	}

	/** {@link shutdown}, then {@link startup}. */
	async restart(): Promise<this> {
		this.#queue.cancel();
		await this.#queue.run(cancelled => this.#shutDown().then(() => this.#startUp(cancelled)));
		return this;
	}

	/**
	 * {@link shutdown}; where that is not enough SIGTERM, then SIGKILL; then the same for whatever is left in its process
	 * group and session. Safe at any time, and more than once. With `strict: false` the errors are process warnings.
	 *
	 * @throws {@link ShutdownTimeoutError}, {@link ShutdownCommandError} if force was needed, {@link LeakError} if processes
	 * were left; by then all is cleaned.
	 */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#queue.cancel();
		// Who is asked already is not asked again.
		const asking = this.#asking;
		const report = await this.#queue.run(() => this.#tearDown(asking));
		const error = teardownError(this.name, report);
		if (error === undefined) return;
		if (this.strict) throw error;
		// Not the error itself: in a vm context, as vitest's vmThreads, it is none to Node.
		process.emitWarning(error.message, error.name);
	}

	async #startUp(cancelled: AbortSignal): Promise<void> {
		if (this.isAlive()) return this.#adopt();
		this.#state = 'starting';
		this.#captures = {};
		if (this.#died.signal.aborted) this.#died = new AbortController();
		const start = new Start(this, this.#scope, { pidFile: this.#pidFile, log: this.#log });
		const result = await start.run(launched => this.#begin(launched), cancelled);
		if ('kind' in result) throw await this.#giveUp(start, result);
		this.#captures = result.captures ?? {};
		this.#state = 'ready';
		this.logger.info(`${this.name} is ready, its pid is ${this.pid}`);
	}

	#begin(launched: Launched): Lifetime {
		const life = new Lifetime(launched, this, this.#log, this.#life);
		this.#life = life;
		this.#endExpectedUntil = 0;
		if (launched.launcher !== undefined) void launched.exited.then(exit => this.#onExit(life, exit));
		return life;
	}

	async #giveUp(start: Start, failure: StartupFailure): Promise<Error> {
		const evidence = start.describe(failure);
		const report = await this.#tearDown();
		this.#state = 'failed';
		return start.toError(failure, [...evidence, ...describeTeardown(report)]);
	}

	/** The living process in the PID file, which this object did not start. */
	#adopt(): void {
		if (this.#life?.isRunning()) return;
		const identity = identify(this.#pidFile.livingPid ?? 0);
		if (identity === undefined) return;
		this.#begin(adopt(identity));
		this.#log?.startOver();
		this.#state = 'ready';
	}

	async #shutDown(): Promise<void> {
		await this.#ask();
		await this.#finish();
	}

	async #ask(): Promise<void> {
		this.#adopt();
		const [life, before] = [this.#life, this.#state];
		if (!life?.isRunning()) return;
		this.#endExpectedUntil = Number.POSITIVE_INFINITY;
		this.#state = 'stopping';
		try {
			this.#asking = life.askToEnd(planRequest(this, this.#scope, life.launched.identity));
			await this.#asking;
		} catch (error) {
			this.#state = before;
			throw error;
		} finally {
			this.#asking = undefined;
		}
	}

	async #tearDown(asking = this.#ask()): Promise<TeardownReport> {
		const report = await (this.#life?.tearDown(asking) ?? NOTHING_TO_END);
		await this.#finish();
		return report;
	}

	/** The daemon is gone: so is its launcher, unless it still guards survivors, and its PID file. */
	async #finish(): Promise<void> {
		const life = this.#life;
		if (life === undefined || life.isRunning()) return;
		if (this.#state !== 'failed') this.#state = 'stopped';
		if (life.isOver()) await life.launched.dismiss();
		this.#pidFile.delete(life.launched.identity.pid);
	}

	#onExit(life: Lifetime, exit: ExitStatus): void {
		if (this.#life !== life || this.#state !== 'ready') return;
		const isExpected = performance.now() <= this.#endExpectedUntil;
		this.#state = isExpected ? 'stopped' : 'failed';
		if (!isExpected) this.#died.abort(life.toDeath(exit));
	}
}
