/** A server that runs in this process, with signals, a PID file and an interval. Port of Servolux's `Server`. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { SERVER } from '../bootstrap/is-server.mjs';
import { throwAll } from '../error-text.ts';
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

/** A field of a subclass is only initialised after the constructor of `Server`. */
const NO_RUN =
	'It has no `run`: give it one in its options, or as a method of its class (a field is initialised too late).';

/**
 * Does its work every `interval` until it is shut down. In the foreground: `await server.startup()`. As a daemon:
 * export it from a module, and give it to a `Daemon` or `withDaemon` as `server`; it then runs in a process of its own.
 *
 * @example
 * export const clock = new Server('TimeStamp', { interval: 60_000, run: () => console.log(new Date().toISOString()) });
 */
export class Server extends ServerSettings implements ServerMethods {
	readonly #rounds = new Rounds(this);
	#stop = new AbortController();
	#ended: Promise<void> | undefined;
	/** Whether the first `run` since the latest startup was called. */
	#hasBegun = false;
	/** Set in the async context of this server's own methods, which cannot wait for its end. */
	readonly #own = new AsyncLocalStorage<true>();

	/**
	 * @throws {@link InvalidOptionError} that names every option that is unknown or has a wrong value, or if there is no
	 * `run`, neither in the options nor as a method of a subclass.
	 */
	constructor(name: string, options: ServerOptions & ThisType<Server> = {}) {
		super(name, options);
		Object.assign(this, methodsOf(options));
		if (this.run === inherited().run) throw new InvalidOptionError(name, [NO_RUN]);
		watchSettings(this, () => this.#rounds.wake());
	}

	/** @internal On the prototype, so that it also marks a class without an instance. */
	get [SERVER](): true {
		return true;
	}

	/** How many times `run` has settled since the latest {@link startup}, with or without an error. */
	get iterations(): number {
		return this.#rounds.iterations;
	}

	/** Whether `run` has settled as often as `maximumIterations` allows. */
	hasFinishedIterations(): boolean {
		return this.#rounds.isFinished();
	}

	/** The present state: see {@link ServerStatus}. */
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
	 * Handles signals, writes the PID file, works, and resolves when the server has been shut down. By then it handles no
	 * signals any more, and its PID file is gone. Does nothing if the server already runs.
	 *
	 * @throws {@link AlreadyRunningError} if a living process owns the PID file; the error of `run` or of a hook, when
	 * the server has stopped; an `AggregateError` if several failed, in their order.
	 */
	async startup(): Promise<this> {
		if (this.#ended) return this;
		this.#stop = new AbortController();
		const { signal } = this.#stop;
		this.#hasBegun = false;
		this.#rounds.startOver();
		// One microtask later, so that the hooks already see it running.
		this.#ended = keepAlive(Promise.resolve().then(() => this.#live(signal)));
		try {
			await this.#ended;
		} finally {
			this.#ended = undefined;
		}
		return this;
	}

	/**
	 * Stops the server, and resolves when it has stopped. If its own `run` or a hook calls this, it resolves at once, as
	 * it would wait for itself. Does nothing if the server does not run.
	 */
	async shutdown(): Promise<this> {
		this.#stop.abort();
		return await this.waitForShutdown();
	}

	/** Resolves when the server has stopped, even by an error; for its own `run` and hooks, when it is to stop. */
	async waitForShutdown(): Promise<this> {
		if (this.#own.getStore()) await whenAborted(this.#stop.signal);
		else
			await this.#ended?.catch(() => {
				// The caller of startup() gets the error.
			});
		return this;
	}

	/**
	 * Resolves to true when the server has stopped, at once if it does not run, or to false if it still runs after `ms`.
	 * For its own `run` and hooks it resolves when the server is to stop, as they cannot wait for its end.
	 *
	 * @param ms defaults to no limit.
	 * @throws {@link InvalidOptionError} if `ms` is not a number of milliseconds.
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
		const isInherited = (method: Handler) => this[method] === inherited()[method];
		const stopHandling = handleSignals(method => this.#handle(method), isInherited);
		try {
			assertNotOwned(this.name, pidFile);
			pidFile.write();
			await this.#work(signal, failures);
		} finally {
			stopHandling();
			pidFile.delete();
		}
		throwAll(failures);
	}

	/** In the order of Servolux. A hook that fails is logged and stops the server; the hooks for stopping still run. */
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
			// Work that obeys the signal ends with an AbortError.
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

/** Not in the class, as bundlers rename a class that names itself, and its name is shown. */
const inherited = () => Server.prototype;
