/** A server that runs in this process: signals, PID file and an interval. Port of Servolux's `Server`. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { findBreaches, text } from '../contract.ts';
import { SERVER } from '../entry/server-mark.mjs';
import { AlreadyRunningError, InvalidOptionError, severalFailed } from '../errors.ts';
import { errorLogger, type Logger } from '../logger.ts';
import { PidFile } from '../pid-file.ts';
import type { PidFileOptions } from '../pid-file-settings.ts';
import { keepAlive, whenAborted } from '../time/deadline.ts';
import { pause } from '../time/poll.ts';
import { findMaker, toPath } from './module.ts';
import {
	type Handler,
	methodsOf,
	type ServerContext,
	type ServerMethods,
	type ServerOptions,
	SIGNALS,
	serverRules,
} from './options.ts';

/**
 * Does its work every `interval` until it is shut down. In the foreground: `await server.startup()`. As a daemon: export it
 * from a module, and give it to a `Daemon` or `withDaemon` as `server`; it then runs in a process of its own.
 *
 * @example
 * export const clock = new Server('TimeStamp', { interval: 60_000, run: () => console.log(new Date().toISOString()) });
 */
export class Server implements ServerMethods {
	readonly name: string;
	readonly interval: number;
	readonly continueOnError: boolean;
	readonly logger: Logger;
	/** The module that is expected to export it; undefined if it was made in none, as in a REPL. */
	readonly module: string | undefined;
	#pidFile: PidFile;
	#stop = new AbortController();
	#ended: Promise<void> | undefined;
	/** Set in everything that this server's own methods do: they cannot wait for its end. */
	readonly #own = new AsyncLocalStorage<true>();

	/** @throws {@link InvalidOptionError} that names every option that is unknown or mistyped. */
	constructor(name: string, options: ServerOptions & ThisType<Server> = {}) {
		const problems = text.accepts(name) ? [] : ['These options are required: name.'];
		problems.push(...findBreaches(options, serverRules));
		if (problems.length > 0) throw new InvalidOptionError(text.accepts(name) ? name : 'server', problems);
		this.name = name;
		this.interval = options.interval ?? 0;
		this.continueOnError = options.continueOnError ?? false;
		this.logger = options.logger ?? errorLogger;
		this.module = options.module === undefined ? findMaker(Server) : toPath(options.module);
		this.#pidFile = toPidFile(options.pidFile ?? { name, path: process.cwd() }, this.logger);
		Object.assign(this, methodsOf(options));
	}

	/** @internal Also on the prototype, for a class that is not made yet. */
	get [SERVER](): true {
		return true;
	}

	get pidFile(): PidFile {
		return this.#pidFile;
	}

	/** Takes effect at the next {@link startup}. */
	set pidFile(value: string | PidFile | PidFileOptions) {
		this.#pidFile = toPidFile(value, this.logger);
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
		const pidFile = this.#pidFile;
		const failures: unknown[] = [];
		const stopHandling = this.#handleSignals();
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
		// A server of hooks and signals alone has nothing to repeat.
		if (this.run === Server.prototype.run) return;
		while (!signal.aborted) {
			try {
				await this.run({ signal });
			} catch (error) {
				// Work that obeys the signal ends so.
				if (signal.aborted && isAbort(error, signal)) return;
				if (!this.continueOnError) throw error;
				this.#report('run', error);
			}
			await pause(this.interval, signal).catch(() => signal.aborted);
		}
	}

	/** Answers how to leave them as they were. */
	#handleSignals(): () => void {
		const handlers = (Object.keys(SIGNALS) as Handler[]).map(method => {
			return [SIGNALS[method], () => void this.#handle(method)] as const;
		});
		for (const [signal, handler] of handlers) process.on(signal, handler);
		return () => {
			for (const [signal, handler] of handlers) process.off(signal, handler);
		};
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

/** Absolute, whatever folder the server moves to. */
function toPidFile(value: string | PidFile | PidFileOptions, logger: Logger): PidFile {
	if (value instanceof PidFile) return value;
	return new PidFile(typeof value === 'string' ? resolve(value) : value, logger);
}
