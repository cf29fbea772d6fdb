/** The story of a daemon: what happens in which order, from start to gone. */
import { type ExitStatus, InvalidOptionError, UnsupportedPlatformError } from './errors.ts';
import type { StartupFailure } from './evidence/startup-failure.ts';
import { describeTeardown, NOTHING_TO_END, type TeardownReport, teardownError } from './evidence/teardown-failure.ts';
import { adopt, type Launched } from './launch/launched.ts';
import { Lifetime } from './lifetime.ts';
import { Log } from './log/log.ts';
import type { CoreOptions, ResolvedOptions } from './options/options.ts';
import { planRequest, type Scope } from './options/plan.ts';
import { resolveOptions } from './options/resolve.ts';
import { killAndLog, PidFile } from './pid-file.ts';
import { identify, isRunning } from './process/identity.ts';
import { toSignal } from './process/signals.ts';
import { Start } from './start.ts';
import { Flight } from './time/flight.ts';

/** Where a daemon stands. `failed`: its start failed, or it ended without having been asked to. */
export type DaemonState = 'idle' | 'starting' | 'ready' | 'stopping' | 'stopped' | 'failed';

/** After these a daemon's end is what was asked for. */
const ENDING = new Set<NodeJS.Signals | undefined>(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGKILL', 'SIGABRT']);

/** Every option can be read as a property. */
export interface Daemon extends ResolvedOptions {}

/**
 * A daemon process: started, known to be ready, stopped. Nothing is chosen or cleaned up without being asked: for that
 * see `withDaemon`. Port of Ruby's `Servolux::Daemon`.
 *
 * @example
 * const daemon = new Daemon({ name: 'redis', startupCommand: 'redis-server', pidFile: '/tmp/redis.pid' });
 * await daemon.startup(); // and, when it has done its work,
 * await daemon.shutdown();
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
	/** Whether its end, when it comes, is no accident. */
	#isAskedToEnd = false;
	#died = new AbortController();
	#start: Start | undefined;
	readonly #starting = new Flight(() => this.#startUp());
	readonly #asking = new Flight(() => this.#ask());
	readonly #tearing = new Flight(() => this.#tearDown());

	/**
	 * @throws {@link InvalidOptionError} that names every option that is unknown, missing, mistyped or contradictory.
	 * @throws {@link UnsupportedPlatformError} on Windows.
	 */
	constructor(options: CoreOptions, scope: Scope = {}) {
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

	/** Resolves when the daemon has ended. Who asks keeps the event loop alive until then. Rejects if it was not started. */
	get exited(): Promise<ExitStatus> {
		if (!this.#life) return Promise.reject(new InvalidOptionError(this.name, [`${this.name} was not started.`]));
		this.#life.launched.keepAlive(true);
		return this.#life.launched.exited;
	}

	/** Whether it runs: by its identity, or by the PID file if it was started elsewhere. A zombie does not run. */
	isAlive(): boolean {
		return this.#life?.isRunning() || this.#pidFile.isAlive();
	}

	/** Sends a signal to the daemon alone, SIGINT by default. Logs why and answers `false` if it could not. */
	kill(signal: NodeJS.Signals | number | string = 'SIGINT'): boolean {
		if (!this.#life?.isRunning()) return this.#pidFile.kill(signal);
		const { identity } = this.#life.launched;
		if (ENDING.has(toSignal(signal))) this.#isAskedToEnd = true;
		return killAndLog(identity.pid, signal, () => isRunning(identity), this.logger);
	}

	/**
	 * Starts the daemon and resolves when it is ready. One that runs already is adopted.
	 *
	 * @param how `exit: true` releases the daemon and ends the caller with 0 once it is ready (the seed's default).
	 * @throws {@link StartupError} if it could not be launched or ended before it was ready; nothing of it is left.
	 * @throws {@link StartupTimeoutError} if it was not ready in time; it has been stopped.
	 */
	async startup(how: { readonly exit?: boolean } = {}): Promise<this> {
		await this.#starting.run();
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
		await this.#cancelStart();
		await this.#asking.run();
		await this.#finish();
		return this;
	}

	/** {@link shutdown}, then {@link startup}. */
	async restart(): Promise<this> {
		return await (await this.shutdown()).startup();
	}

	/**
	 * {@link shutdown}; where that is not enough SIGTERM, then SIGKILL; then the same for whatever is left in its process
	 * group and session. Safe at any time, and more than once. With `strict: false` the errors are process warnings.
	 *
	 * @throws {@link ShutdownTimeoutError}, {@link ShutdownCommandError} if force was needed, {@link LeakError} if processes
	 * were left; by then all is cleaned.
	 */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.#cancelStart();
		const error = teardownError(this.name, await this.#tearing.run());
		if (error === undefined) return;
		if (this.strict) throw error;
		process.emitWarning(error);
	}

	async #startUp(): Promise<void> {
		const start = new Start(this, this.#scope, { pidFile: this.#pidFile, log: this.#log });
		this.#start = start;
		await Promise.allSettled([this.#tearing.current, this.#asking.current]);
		if (this.isAlive()) return this.#adopt();
		await this.#life?.launched.dismiss();
		this.#life = undefined;
		this.#state = 'starting';
		this.#captures = {};
		if (this.#died.signal.aborted) this.#died = new AbortController();
		const result = await start.run(launched => this.#begin(launched));
		if ('kind' in result) throw await this.#giveUp(start, result);
		this.#captures = result.captures ?? {};
		this.#state = 'ready';
		this.logger.info(`${this.name} is ready, its pid is ${this.pid}`);
	}

	#begin(launched: Launched): Lifetime {
		const life = new Lifetime(launched, this, this.#log);
		this.#life = life;
		this.#isAskedToEnd = false;
		void launched.exited.then(exit => this.#onExit(life, exit));
		this.#pidFile.write(launched.identity.pid);
		return life;
	}

	/** A failed start leaves nothing. */
	async #giveUp(start: Start, failure: StartupFailure): Promise<Error> {
		const evidence = start.describe(failure);
		const report = await this.#tearing.run();
		this.#state = 'failed';
		return start.toError(failure, [...evidence, ...describeTeardown(report)]);
	}

	/** The living process in the PID file, which this object did not start. */
	#adopt(): void {
		if (this.#life?.isRunning()) return;
		const identity = identify(this.#pidFile.livingPid ?? 0);
		if (identity === undefined) return;
		void this.#life?.launched.dismiss();
		this.#life = new Lifetime(adopt(identity), this, this.#log);
		this.#log?.startOver();
		this.#isAskedToEnd = false;
		this.#state = 'ready';
	}

	async #cancelStart(): Promise<void> {
		if (this.#starting.current) this.#start?.cancel();
		await Promise.allSettled([this.#starting.current]);
	}

	async #ask(): Promise<void> {
		this.#adopt();
		const [life, before] = [this.#life, this.#state];
		if (!life?.isRunning()) return;
		this.#isAskedToEnd = true;
		this.#state = 'stopping';
		try {
			await life.askToEnd(planRequest(this, this.#scope, life.launched.identity));
		} catch (error) {
			this.#state = before;
			throw error;
		}
	}

	async #tearDown(): Promise<TeardownReport> {
		const report = await (this.#life?.tearDown(this.#asking.run()) ?? NOTHING_TO_END);
		await this.#finish();
		return report;
	}

	/** The daemon is gone: so is its PID file, and its launcher unless it still guards survivors. */
	async #finish(): Promise<void> {
		const life = this.#life;
		if (life === undefined || life.isRunning()) return;
		if (this.#state !== 'failed') this.#state = 'stopped';
		this.#pidFile.delete(life.launched.identity.pid);
		if (life.isOver()) await life.launched.dismiss();
	}

	#onExit(life: Lifetime, exit: ExitStatus): void {
		if (this.#life !== life || this.#state !== 'ready') return;
		this.#state = this.#isAskedToEnd ? 'stopped' : 'failed';
		if (this.#isAskedToEnd) return;
		this.#died.abort(life.toDeath(exit));
	}
}
