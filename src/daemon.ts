/** The class that users control a daemon with, one operation at a time. */
import { checkedAtCallOf, seenFromCallOf } from './call-site.ts';
import { type ExitStatus, throwAll } from './error-text.ts';
import { type DaemonExitedError, InvalidOptionError } from './errors.ts';
import { teardownError } from './evidence/teardown-failure.ts';
import { type DaemonState, Lifecycle } from './lifecycle/lifecycle.ts';
import { RELEASED, type Scope } from './lifecycle/scope.ts';
import type { Captures } from './log/captures.ts';
import type { Log } from './log/log.ts';
import type { CoreOptions, ResolvedOptions, ServerDaemonOptions } from './options/options.ts';
import { Settings } from './options/settings.ts';
import { isRunning } from './process/identity.ts';
import { DECEASED, killAndLog } from './process/kill-and-log.ts';
import { toSignal } from './process/signals.ts';
import { keepAlive, settlesWithin } from './time/deadline.ts';
import { Queue } from './time/queue.ts';

/** An end within `shutdownTimeout` after one of these signals is expected. */
const ENDING = new Set<NodeJS.Signals | undefined>(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGKILL', 'SIGABRT']);

/** A connection breaks before its process is gone; a failed test waits this long for the end. */
const SUSPICION_MS = 50;

const ENDS_WITH_CALLER =
	"`stdin: 'open'` ends with the caller, so a daemon that has it cannot outlive it by `startup({ exit: true })`.";

/**
 * Every option can be read and assigned as a property. An assignment is checked, and takes effect at the next use; a
 * running daemon keeps its files. But `port` and `ports` are the daemon's actual ports, and cannot be assigned.
 */
// biome-ignore lint/correctness/noUnusedVariables: the declarations of a class have the same parameters.
export interface Daemon<C extends Captures = Captures> extends AssignableOptions {}
type AssignableOptions = { -readonly [K in Exclude<keyof ResolvedOptions, 'port' | 'ports'>]: ResolvedOptions[K] };

/**
 * Starts a daemon process, waits until it is ready, and stops it. It chooses nothing for you and cleans up only on
 * request; `withDaemon` does both. Port of Ruby's `Servolux::Daemon`.
 *
 * @example
 * const daemon = new Daemon({ name: 'redis', startupCommand: 'redis-server', pidFile: '/tmp/redis.pid' });
 * await daemon.startup();
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor defines every property of the interface.
export class Daemon<C extends Captures = Captures> implements AsyncDisposable {
	readonly #scope: Scope;
	readonly #lifecycle: Lifecycle;
	/** Operations run one at a time, in their order. Operations that end the daemon cancel earlier starts. */
	readonly #queue = new Queue();
	/** A restart cancels earlier starts, but not earlier restarts. */
	#restarts = new AbortController();
	/** The death that was already reported, as each is reported once. */
	#toldDeath: unknown;

	/**
	 * @throws {@link InvalidOptionError} that names every problem; {@link UnsupportedPlatformError} on Windows.
	 */
	constructor(options: CoreOptions<C> | ServerDaemonOptions<C>);
	/** @internal */
	constructor(settings: Settings, scope: Scope);
	constructor(options: CoreOptions<C> | ServerDaemonOptions<C> | Settings, scope: Scope = RELEASED) {
		const settings = options instanceof Settings ? options : checkedAtCallOf(new.target, () => Settings.check(options));
		this.#scope = scope;
		this.#lifecycle = new Lifecycle(settings.current, scope);
		settings.expose(this, () => this.#lifecycle.refresh());
	}

	/** The pid of the latest start, even after its end; without a start, that of the living process in the PID file. */
	get pid(): number | undefined {
		return this.#lifecycle.run?.process.identity.pid ?? this.#lifecycle.files.pidFile.livingPid;
	}

	get state(): DaemonState {
		return this.#lifecycle.state;
	}

	/** The named groups of `lookFor`, as they matched. They are typed if the type of `lookFor` names them. */
	get captures(): C {
		return this.#lifecycle.captures as C;
	}

	/**
	 * The daemon's port, by the option `port`; with `'auto'` that of the latest start, even after its end.
	 *
	 * @throws {@link InvalidOptionError} if there is none: without the option, or with `'auto'` before the first start.
	 */
	get port(): number {
		const port = this.#lifecycle.ports.numbers.get('port');
		if (port !== undefined) return port;
		throw new InvalidOptionError(this.name, [
			`${this.name} has no port: give it a \`port\`; 'auto' is chosen at its start.`,
		]);
	}

	/** The daemon's ports by name, from the option `ports`; those with `'auto'` appear at the first start. */
	get ports(): Readonly<Record<string, number>> {
		return this.#lifecycle.ports.named;
	}

	/**
	 * The daemon's output since this start.
	 *
	 * @throws {@link InvalidOptionError} if there is none: `logFile` was not given, or is not a file.
	 */
	get log(): Log {
		if (this.#lifecycle.files.log) return this.#lifecycle.files.log;
		throw new InvalidOptionError(this.name, [`${this.name} has no log: give it a \`logFile\` that is a file.`]);
	}

	/** Aborts, with a {@link DaemonExitedError} as its reason, when the daemon ends without having been asked to. */
	get signal(): AbortSignal {
		return this.#lifecycle.died;
	}

	/** Resolves when the daemon has ended, and keeps the event loop alive until then. Rejects if it was not started. */
	get exited(): Promise<ExitStatus> {
		if (this.#lifecycle.run) return keepAlive(this.#lifecycle.run.process.exited);
		return Promise.reject(new InvalidOptionError(this.name, [`${this.name} was not started.`]));
	}

	/**
	 * Declares that the daemon is meant to end by itself, as in a test of its own `quit`: from now on its end is not a
	 * death. Resolves when it has ended, as {@link exited} does. Call this before the action that makes it end.
	 *
	 * @throws {@link DaemonExitedError} if it has died before; {@link InvalidOptionError} if it was not started.
	 * @example
	 * const exit = daemon.expectExit();
	 * await fetch(`http://127.0.0.1:${daemon.port}/quit`);
	 * expect(await exit).toEqual({ code: 0, signal: null });
	 */
	async expectExit(): Promise<ExitStatus> {
		this.#lifecycle.expectEnd(Number.POSITIVE_INFINITY);
		const death = this.#takeDeath();
		if (death) throw death;
		return await this.exited;
	}

	/** Whether the daemon runs: by its identity or, if another process started it, by the PID file. Not as a zombie. */
	isAlive(): boolean {
		return (
			this.#lifecycle.run?.isRunning() || (this.#scope.kind === 'released' && this.#lifecycle.files.pidFile.isAlive())
		);
	}

	/** Sends a signal to the daemon alone, SIGINT by default. If it cannot, it logs why and returns `false`. */
	kill(signal: NodeJS.Signals | number | string = 'SIGINT'): boolean {
		const identity = this.#lifecycle.run?.process.identity;
		// A helper's daemon is always the one that it started, even if its PID file names another process by now.
		if (identity === undefined || !(this.#scope.kind === 'scoped' || isRunning(identity)))
			return this.#lifecycle.files.pidFile.kill(signal);
		const whyNot = () => (isRunning(identity) ? undefined : DECEASED);
		const isSent = killAndLog(identity.pid, signal, whyNot, this.logger);
		if (isSent && signal !== 0 && ENDING.has(toSignal(signal))) this.#lifecycle.expectEnd();
		return isSent;
	}

	/**
	 * Starts the daemon and resolves when it is ready. A daemon that already runs is adopted.
	 *
	 * @param how `exit: true` releases the daemon and ends the caller with 0 once it is ready (Servolux's default).
	 * @throws {@link StartupError} if it could not be launched or ended before it was ready; nothing of it is left.
	 * @throws {@link StartupTimeoutError} if it was not ready in time; it has been stopped.
	 */
	async startup(how: { readonly exit?: boolean } = {}): Promise<this> {
		await seenFromCallOf(this.startup, async () => {
			if (how.exit && this.stdin === 'open') throw new InvalidOptionError(this.name, [ENDS_WITH_CALLER]);
			await this.#queue.run(cancelled => this.#lifecycle.startUp(cancelled));
		});
		if (how.exit) {
			this.#lifecycle.run?.process.release();
			if (this.#scope.kind === 'scoped') this.#scope.entry.remove();
			process.exit(0);
		}
		return this;
	}

	/**
	 * Asks the daemon to end, by `shutdownCommand` or else by SIGINT, and resolves when it is gone. Does nothing if the
	 * daemon does not run. Never uses force, and does not touch what the daemon leaves behind.
	 *
	 * @throws {@link ShutdownTimeoutError} if it was not gone in time; it was left running.
	 * @throws {@link ShutdownCommandError} if it could not be asked; it was left running.
	 */
	async shutdown(): Promise<this> {
		this.#cancel();
		await seenFromCallOf(this.shutdown, () => this.#queue.run(() => this.#lifecycle.shutDown()));
		return this;
	}

	/** Calls {@link shutdown}, then {@link startup}. Several restarts run one after the other. */
	async restart(): Promise<this> {
		this.#queue.cancel();
		const { signal: cancelled } = this.#restarts;
		const again = () => this.#lifecycle.shutDown().then(() => this.#lifecycle.startUp(cancelled));
		await seenFromCallOf(this.restart, () => this.#queue.run(again));
		return this;
	}

	/**
	 * Calls {@link shutdown}; if that is not enough, sends SIGTERM, then SIGKILL; then does the same to all processes
	 * that the daemon left. Safe at any time, and more than once. With `strict: false` the errors are process warnings.
	 *
	 * @throws {@link ShutdownTimeoutError}, {@link ShutdownCommandError} if force was needed, {@link LeakError} if
	 * processes were left; {@link DaemonExitedError}, once, if the daemon had died. By then everything is cleaned up.
	 */
	async [Symbol.asyncDispose](): Promise<void> {
		await seenFromCallOf(this[Symbol.asyncDispose], () => this.#tearDown());
	}

	async #tearDown(): Promise<void> {
		this.#cancel();
		// Join a shutdown that is already under way.
		const asking = this.#lifecycle.asking;
		const report = await this.#queue.run(() => this.#lifecycle.tearDown(asking));
		const error = teardownError(this.name, report);
		// Not the error itself: Node does not accept an error of a vm context, such as that of vitest's vmThreads.
		if (error && !this.strict) process.emitWarning(error.message, error.name);
		const death = this.#takeDeath();
		throwAll([...(death ? [death] : []), ...(error && this.strict ? [error] : []), ...report.failures]);
	}

	/**
	 * @internal For the vitest entry. `isSuspected`: the test has failed, perhaps because of an unreported death.
	 * @throws {@link DaemonExitedError} if the daemon has died; its teardown does not throw that again.
	 */
	async assertNotDied(isSuspected: boolean): Promise<void> {
		if (isSuspected && this.state === 'ready') await settlesWithin(this.exited, SUSPICION_MS);
		await this.#lifecycle.waitForReportedEnd();
		this.#takeDeath();
		this.signal.throwIfAborted();
	}

	#takeDeath(): DaemonExitedError | undefined {
		const { aborted, reason } = this.signal;
		if (!aborted || reason === this.#toldDeath) return undefined;
		this.#toldDeath = reason;
		return reason;
	}

	/** Each operation that ends the daemon cancels the starts and restarts before it. */
	#cancel(): void {
		this.#queue.cancel();
		this.#restarts.abort();
		this.#restarts = new AbortController();
	}

	/** @internal Whether nothing is left of what it started. */
	isOver(): boolean {
		return this.#lifecycle.isOver();
	}
}
