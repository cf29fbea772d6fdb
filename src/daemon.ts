/** The class that users control a daemon with, one operation at a time. */
import { checkedAtCallOf, seenFromCallOf } from './call-site.ts';
import type { ExitStatus } from './error-text.ts';
import { InvalidOptionError } from './errors.ts';
import { Lifecycle } from './lifecycle/lifecycle.ts';
import { Operations } from './lifecycle/operations.ts';
import type { ReleasedFacts } from './lifecycle/released-facts.ts';
import { RELEASED, type Scope } from './lifecycle/scope.ts';
import type { DaemonState } from './lifecycle/state.ts';
import type { Captures } from './log/captures.ts';
import type { Log } from './log/log.ts';
import type { CoreOptions, ResolvedOptions, ServerDaemonOptions } from './options/options.ts';
import { Settings } from './options/settings.ts';

/**
 * Every option can be read and assigned as a property. An assignment is checked, and takes effect at the next use; a
 * running daemon keeps its files. But `port` and `ports` are the daemon's actual ports, and cannot be
 * assigned; neither can `listen`.
 */
// biome-ignore lint/correctness/noUnusedVariables: the declarations of a class have the same parameters.
export interface Daemon<C extends Captures = Captures> extends AssignableOptions {}
type AssignableOptions = {
	-readonly [K in Exclude<keyof ResolvedOptions, 'port' | 'ports' | 'listen'>]: ResolvedOptions[K];
};

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
	readonly #lifecycle: Lifecycle;
	readonly #operations: Operations;

	/**
	 * @throws {@link InvalidOptionError} that names every problem; {@link UnsupportedPlatformError} on Windows.
	 */
	constructor(options: CoreOptions<C> | ServerDaemonOptions<C>);
	/** @internal */
	constructor(settings: Settings, scope: Scope);
	constructor(options: CoreOptions<C> | ServerDaemonOptions<C> | Settings, scope: Scope = RELEASED) {
		const settings = options instanceof Settings ? options : checkedAtCallOf(new.target, () => Settings.check(options));
		this.#lifecycle = new Lifecycle(settings.current, scope);
		this.#operations = new Operations(settings.current, scope, this.#lifecycle);
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
	 * The daemon's port, by the option `port` or else by `listen`; with `'auto'` that of the latest start, even after its
	 * end; with 0 the one that the latest start has captured.
	 *
	 * @throws {@link InvalidOptionError} if there is none: without the option, with `'auto'` before the first start, or
	 * with 0 before the daemon is ready.
	 */
	get port(): number {
		const port = this.#lifecycle.ports.numbers.get('port') ?? this.#lifecycle.sockets.port;
		if (port !== undefined) return port;
		throw new InvalidOptionError(this.name, [
			`${this.name} has no port: give it a \`port\`; 'auto' is chosen at its start, and 0 is known when it is ready.`,
		]);
	}

	/**
	 * The daemon's ports by name, from the options `ports` and `listen`. Those with `'auto'` appear at the first start,
	 * those with 0 when the daemon is ready.
	 */
	get ports(): Readonly<Record<string, number>> {
		return { ...this.#lifecycle.ports.named, ...this.#lifecycle.sockets.named };
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
		return this.#operations.exited();
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
		return await this.#operations.expectExit();
	}

	/** Whether the daemon runs: by its identity or, if another process started it, by the PID file. Not as a zombie. */
	isAlive(): boolean {
		return this.#operations.isAlive();
	}

	/** Sends a signal to the daemon alone, SIGINT by default. If it cannot, it logs why and returns `false`. */
	kill(signal: NodeJS.Signals | number | string = 'SIGINT'): boolean {
		return this.#operations.kill(signal);
	}

	/**
	 * Starts the daemon and resolves when it is ready. A daemon that already runs is adopted.
	 *
	 * @param how `exit: true` releases the daemon and ends the caller with 0 once it is ready (Servolux's default).
	 * @throws {@link StartupError} if it could not be launched or ended before it was ready; nothing of it is left.
	 * @throws {@link StartupTimeoutError} if it was not ready in time; it has been stopped.
	 */
	async startup(how: { readonly exit?: boolean } = {}): Promise<this> {
		await seenFromCallOf(this.startup, () => this.#operations.startUp(how));
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
		await seenFromCallOf(this.shutdown, () => this.#operations.shutDown());
		return this;
	}

	/**
	 * Calls {@link shutdown}, then {@link startup}: on the same ports (a port of 0 is asked for anew), and only ready
	 * when its probes hold anew. Several restarts run one after the other.
	 */
	async restart(): Promise<this> {
		await seenFromCallOf(this.restart, () => this.#operations.restart());
		return this;
	}

	/**
	 * Calls {@link shutdown} and proves that nothing of the daemon is left, calls `work`, and starts the daemon again: on
	 * the same ports, and only ready when its probes hold anew. For tests of what a client does while its server is down.
	 * Resolves to what `work` returns. If `work` throws, the daemon is started again all the same, then this rejects with
	 * that error; if the start fails too, with an AggregateError of both. A shutdown or a teardown of the daemon does not
	 * wait for `work`, and then it is not started again. What the daemon had left is ended, and its teardown reports it.
	 *
	 * @throws {@link ShutdownTimeoutError}, {@link ShutdownCommandError} as `shutdown()`, and {@link LeakError} if one of
	 * its ports is still open: then `work` was not called, and the daemon was not started again.
	 * @throws {@link InvalidOptionError} if `work` calls an operation that has to wait for its end, such as `startup()`.
	 * @example
	 * await daemon.stopped(() => expect(client.get('key')).rejects.toThrow('ECONNREFUSED'));
	 * expect(await client.get('key')).toBe('value');
	 */
	async stopped<T>(work: () => T | Promise<T>): Promise<T> {
		return await seenFromCallOf(this.stopped, () => this.#operations.stopped(work));
	}

	/**
	 * Stops the daemon's process group by SIGSTOP (with `killMode: 'process'`, the daemon alone), and resolves when none
	 * of its threads runs: from then on no request is answered, although the system still accepts connections. For tests
	 * of a client's time limits. The daemon stays `ready` and alive; `resume()`, a shutdown and a teardown let it go on.
	 *
	 * @throws {@link InvalidOptionError} if the daemon does not run; {@link DaemonExitedError}, once, if it has died.
	 * @throws {@link TimeoutError} if the kernel had not stopped it after 5000 ms; it goes on.
	 */
	async pause(): Promise<this> {
		await seenFromCallOf(this.pause, () => this.#operations.pause());
		return this;
	}

	/** Lets a paused daemon go on, by SIGCONT. Does nothing if it is not paused, or does not run. */
	async resume(): Promise<this> {
		await seenFromCallOf(this.resume, () => this.#operations.resume());
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
		await seenFromCallOf(this[Symbol.asyncDispose], () => this.#operations.tearDown());
	}

	/**
	 * @internal For the vitest entry. `isSuspected`: the test has failed, perhaps because of an unreported death.
	 * @throws {@link DaemonExitedError} if the daemon has died; its teardown does not throw that again.
	 */
	async assertNotDied(isSuspected: boolean): Promise<void> {
		await this.#operations.assertNotDied(isSuspected);
	}

	/** @internal Lets the daemon outlive the caller; `leave` notes these facts, and moves its entry in the registry. */
	async release(leave: (facts: ReleasedFacts) => void): Promise<void> {
		await this.#operations.release(leave);
	}

	/** @internal Whether nothing is left of what it started. */
	isOver(): boolean {
		return this.#lifecycle.isOver();
	}
}
