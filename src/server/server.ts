/** A server that runs in this process: signals, PID file and an interval. Port of Servolux's `Server`. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { SERVER } from '../bootstrap/is-server.mjs';
import { severalFailed } from '../error-text.ts';
import { AlreadyRunningError, InvalidOptionError } from '../errors.ts';
import { findBreaches } from '../option-rules.ts';
import type { PidFile } from '../pid-file/pid-file.ts';
import { keepAlive, settlesWithin, whenAborted } from '../time/deadline.ts';
import {
	type Handler,
	methodsOf,
	type ServerContext,
	type ServerMethods,
	type ServerOptions,
	type ServerStatus,
	serverRules,
} from './options.ts';
import { Rounds } from './rounds.ts';
import { ServerSettings, watchSettings } from './settings.ts';
import { handleSignals } from './signal-handlers.ts';

/** A field of a subclass is made only after the constructor of `Server`. */
const NO_RUN = 'It has no `run`: give it one in its options, or as a method of its class (a field is made too late).';

/**
 * Does its work every `interval` until it is shut down. In the foreground: `await server.startup()`. As a daemon: export it
 * from a module, and give it to a `Daemon` or `withDaemon` as `server`; it then runs in a process of its own.
 *
 * @example
 * export const clock = new Server('TimeStamp', { interval: 60_000, run: () => console.log(new Date().toISOString()) });
 */
export class Server extends ServerSettings implements ServerMethods {
	readonly #rounds = new Rounds(this);
	#stop = new AbortController();
	#ended: Promise<void> | undefined;
	/** The first `run` of this life was called. */
	#hasBegun = false;
	/** Set in everything that this server's own methods do: they cannot wait for its end. */
	readonly #own = new AsyncLocalStorage<true>();

	/**
	 * @throws {@link InvalidOptionError} that names every option that is unknown or mistyped; or there is no `run`, neither in
	 * the options nor as a method of a subclass.
	 */
	constructor(name: string, options: ServerOptions & ThisType<Server> = {}) {
		super(name, options);
		Object.assign(this, methodsOf(options));
		if (this.run === Server.prototype.run) throw new InvalidOptionError(name, [NO_RUN]);
		watchSettings(this, () => this.#rounds.wake());
	}

	/** @internal Also on the prototype, for a class that is not made yet. */
	get [SERVER](): true {
		return true;
	}

	/** How many times `run` has settled since the latest {@link startup}, with or without an error. */
	get iterations(): number {
		return this.#rounds.iterations;
	}

	/** Whether `run` has had all the turns that `maximumIterations` allows. */
	hasFinishedIterations(): boolean {
		return this.#rounds.isFinished();
	}

	/** What it does now: see {@link ServerStatus}. */
	get status(): ServerStatus {
		if (!this.isRunning()) return 'stopped';
		if (this.#stop.signal.aborted) return 'stopping';
		if (!this.#hasBegun) return 'starting';
		return this.#rounds.isWaiting ? 'waiting' : 'running';
	}

	/** Whether it was started and has not yet stopped. */
	isRunning(): boolean {
		return this.#ended !== undefined;
	}

	/**
	 * Handles signals, writes the PID file, works, and resolves when it was shut down; by then it handles no signal any
	 * more, and its PID file is gone. Does nothing if it runs already.
	 *
	 * @throws {@link AlreadyRunningError} if a living process owns the PID file; what `run` or a hook throws, by then
	 * stopped; an `AggregateError` if several did, the first first.
	 */
	async startup(): Promise<this> {
		if (this.#ended) return this;
		this.#stop = new AbortController();
		const { signal } = this.#stop;
		this.#hasBegun = false;
		this.#rounds.startOver();
		// A step later, so that it runs already for its own hooks.
		this.#ended = keepAlive(Promise.resolve().then(() => this.#live(signal)));
		try {
			await this.#ended;
		} finally {
			this.#ended = undefined;
		}
		return this;
	}

	/**
	 * Asks it to stop, and resolves when it has; called by its own `run` or hooks at once, as it would wait for itself.
	 * Does nothing if it does not run.
	 */
	async shutdown(): Promise<this> {
		this.#stop.abort();
		return await this.waitForShutdown();
	}

	/** Resolves when it has stopped, however it did; for its own `run` and hooks when it is to stop. */
	async waitForShutdown(): Promise<this> {
		if (this.#own.getStore()) await whenAborted(this.#stop.signal);
		else
			await this.#ended?.catch(() => {
				// Who has called startup() is told.
			});
		return this;
	}

	/**
	 * Resolves to true when it has stopped, at once if it does not run, or to false when `ms` have passed before: it goes on
	 * then. Its own `run` and hooks are told when it is to stop, as they cannot wait for its end.
	 *
	 * @param ms defaults to no limit.
	 * @throws {@link InvalidOptionError} if that is no number of ms.
	 */
	async wait(ms?: number): Promise<boolean> {
		const problems = findBreaches({ ms }, { ms: serverRules.interval });
		if (problems.length > 0) throw new InvalidOptionError(this.name, problems);
		if (ms !== undefined) return await settlesWithin(this.waitForShutdown(), ms);
		await this.waitForShutdown();
		return true;
	}

	run(_context: ServerContext): unknown {
		return undefined;
	}
	beforeStarting(_context: ServerContext): unknown {
		return undefined;
	}
	afterStarting(_context: ServerContext): unknown {
		return undefined;
	}
	beforeStopping(): unknown {
		return undefined;
	}
	afterStopping(): unknown {
		return undefined;
	}
	hup(): unknown {
		return undefined;
	}
	int(): unknown {
		return this.shutdown();
	}
	term(): unknown {
		return this.shutdown();
	}
	usr1(): unknown {
		return undefined;
	}
	usr2(): unknown {
		return undefined;
	}

	async #live(signal: AbortSignal): Promise<void> {
		const { pidFile } = this;
		const failures: unknown[] = [];
		const isInherited = (method: Handler) => this[method] === Server.prototype[method];
		const stopHandling = handleSignals(method => this.#handle(method), isInherited);
		try {
			assertNotOwned(this.name, pidFile);
			pidFile.write();
			await this.#work(signal, failures);
		} finally {
			stopHandling();
			pidFile.delete();
		}
		if (failures.length > 1) throw severalFailed(failures);
		for (const only of failures) throw only;
	}

	/** In the seed's order. What fails is logged, noted, and the beginning of the end; but whatever was begun is ended. */
	async #work(signal: AbortSignal, failures: unknown[]): Promise<void> {
		const attempt = async (method: string, call: () => unknown) => {
			try {
				await this.#own.run(true, call);
			} catch (error) {
				this.#report(method, error);
				failures.push(error);
				this.#stop.abort();
			}
		};
		await attempt('beforeStarting', () => this.beforeStarting({ signal }));
		if (failures.length > 0) return;
		const working = attempt('run', () => this.#repeat(signal));
		void attempt('afterStarting', () => this.afterStarting({ signal }));
		await whenAborted(signal);
		await attempt('beforeStopping', () => this.beforeStopping());
		await working;
		await attempt('afterStopping', () => this.afterStopping());
	}

	async #repeat(signal: AbortSignal): Promise<void> {
		this.#hasBegun = true;
		await this.#rounds.repeat(() => this.#runOnce(signal), signal);
		this.#stop.abort();
	}

	async #runOnce(signal: AbortSignal): Promise<void> {
		try {
			await this.run({ signal });
		} catch (error) {
			// Work that obeys the signal ends so.
			if (signal.aborted && isAbort(error, signal)) return;
			if (!this.continueOnError) throw error;
			this.#report('run', error);
		}
	}

	async #handle(method: Handler): Promise<void> {
		try {
			await this[method]();
		} catch (error) {
			this.#report(method, error);
		}
	}

	#report(method: string, error: unknown): void {
		this.logger.error(`Error in ${method} of ${this.name}: ${inspect(error)}`);
	}
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
	return error === signal.reason || (error as { name?: unknown } | null)?.name === 'AbortError';
}

function assertNotOwned(name: string, pidFile: PidFile): void {
	const owner = pidFile.livingPid;
	if (owner === undefined || owner === process.pid) return;
	throw new AlreadyRunningError(name, owner, { evidence: [['pid file', pidFile.filename]] });
}
