/** What users do with a daemon: one operation at a time, in their order, and each death is reported once. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type ExitStatus, reasonsOf, throwAll } from '../error-text.ts';
import { type DaemonExitedError, InvalidOptionError } from '../errors.ts';
import { NOTHING_TO_END, teardownError } from '../evidence/teardown-failure.ts';
import { isFunction, show } from '../option-rules.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { isRunning } from '../process/identity.ts';
import { DECEASED, killAndLog } from '../process/kill-and-log.ts';
import { toSignal } from '../process/signals.ts';
import { keepAlive, settlesWithin, unlessAborted } from '../time/deadline.ts';
import { Queue } from '../time/queue.ts';
import { callersEnvironment } from './filling.ts';
import type { Lifecycle } from './lifecycle.ts';
import { factsOf, type ReleasedFacts } from './released-facts.ts';
import type { Scope } from './scope.ts';

/** An end within `shutdownTimeout` after one of these signals is expected. */
const ENDING = new Set<NodeJS.Signals | undefined>(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGKILL', 'SIGABRT']);

/** A connection breaks before its process is gone; a failed test waits this long for the end. */
const SUSPICION_MS = 50;

const ENDS_WITH_CALLER =
	"`stdin: 'open'` ends with the caller, so a daemon that has it cannot outlive it by `startup({ exit: true })`.";

export class Operations {
	readonly #options: ResolvedOptions;
	readonly #scope: Scope;
	readonly #lifecycle: Lifecycle;
	/** Operations that end the daemon cancel earlier starts. */
	readonly #queue = new Queue();
	/** A restart cancels earlier starts, but not earlier restarts. */
	#restarts: AbortController | undefined;
	/** Tells calls by the function of {@link stopped} from others. */
	readonly #interval = new AsyncLocalStorage<{ isOver: boolean }>();
	/** The death that was already reported. */
	#toldDeath: unknown;

	constructor(options: ResolvedOptions, scope: Scope, lifecycle: Lifecycle) {
		this.#options = options;
		this.#scope = scope;
		this.#lifecycle = lifecycle;
	}

	async startUp({ exit = false }: { readonly exit?: boolean }): Promise<void> {
		const { name, stdin } = this.#options;
		if (exit && stdin === 'open') throw new InvalidOptionError(name, [ENDS_WITH_CALLER]);
		// The caller may change it while the start waits for its turn.
		const env = callersEnvironment();
		await this.#inTurn('startup', cancelled => this.#startAfterEnd(cancelled, env));
		if (!exit) return;
		await this.#leave();
		if (this.#scope.kind === 'scoped') this.#scope.entry.remove();
		process.exit(0);
	}

	/** Lets the daemon outlive the caller. `leave` moves its entry in the registry, which is the one decisive step. */
	async release(leave: (facts: ReleasedFacts) => void): Promise<void> {
		leave(factsOf(this.#options, this.#lifecycle));
		await this.#leave();
	}

	async #leave(): Promise<void> {
		await this.#lifecycle.run?.process.dismiss();
		await this.#lifecycle.sockets.leave();
	}

	async shutDown(): Promise<void> {
		this.#cancel();
		await this.#queue.run(() => this.#lifecycle.shutDown());
	}

	async restart(): Promise<void> {
		this.#queue.cancel();
		const cancelled = this.#untilCancelled();
		await this.#inTurn('restart', async () => {
			await this.#lifecycle.shutDown();
			await this.#startAfterEnd(cancelled);
		});
	}

	/** Waits for the processes that were asked to end with the daemon. If it is cancelled, the start reports that. */
	async #startAfterEnd(cancelled: AbortSignal, env?: NodeJS.ProcessEnv): Promise<void> {
		const ended = this.#lifecycle.run?.teardown.outwaitOthers() ?? Promise.resolve();
		await unlessAborted(ended, cancelled).catch(error => {
			if (!cancelled.aborted) throw error;
		});
		await this.#lifecycle.startUp(cancelled, env);
	}

	async stopped<T>(work: () => T | Promise<T>): Promise<T> {
		const { name } = this.#options;
		if (!isFunction(work))
			throw new InvalidOptionError(name, [
				`Expected the argument of \`stopped\` to be a function, but got ${show(work)}.`,
			]);
		this.#queue.cancel();
		const cancelled = this.#untilCancelled();
		const interval = { isOver: false };
		let working: Promise<T> | undefined;
		const operation = this.#inTurn('stopped', async () => {
			await this.#lifecycle.shutDown();
			await this.#assertGone();
			working = this.#interval.run(interval, async () => await work());
			// A shutdown or a teardown does not wait for the function.
			await Promise.allSettled([unlessAborted(working, cancelled)]);
			interval.isOver = true;
			await this.#lifecycle.startUp(cancelled);
		});
		const [operated] = await Promise.allSettled([operation]);
		const [worked] = await Promise.allSettled([working ?? operation]);
		throwAll(reasonsOf(working === undefined ? [operated] : [worked, operated]));
		return await (working as Promise<T>);
	}

	/** What the daemon has left would answer in its place. */
	async #assertGone(): Promise<void> {
		const openPorts = await this.#lifecycle.clear();
		const error = teardownError(this.#options.name, { ...NOTHING_TO_END, openPorts });
		if (error) throw error;
	}

	async pause(): Promise<void> {
		await this.#inTurn('pause', async () => {
			const run = await this.#lifecycle.findRunning();
			if (await run?.pause()) return;
			await this.#lifecycle.waitForReportedEnd();
			const { name } = this.#options;
			throw (
				this.#takeDeath() ??
				new InvalidOptionError(name, [`${name} cannot be paused, as it does not run: start it first.`])
			);
		});
	}

	async resume(): Promise<void> {
		await this.#inTurn('resume', async () => (await this.#lifecycle.findRunning())?.resume());
	}

	async tearDown(): Promise<void> {
		this.#cancel();
		// Join a shutdown that is already under way.
		const asking = this.#lifecycle.asking;
		const report = await this.#queue.run(() => this.#lifecycle.tearDown(asking));
		const { name, strict } = this.#options;
		const error = teardownError(name, report);
		// Not the error itself: Node does not accept an error of a vm context, such as that of vitest's vmThreads.
		if (error && !strict) process.emitWarning(error.message, error.name);
		const death = this.#takeDeath();
		throwAll([...(death ? [death] : []), ...(error && strict ? [error] : []), ...report.failures]);
	}

	kill(signal: NodeJS.Signals | number | string): boolean {
		const identity = this.#lifecycle.run?.process.identity;
		// A helper's daemon is always the one that it started, even if its PID file names another process by now.
		if (identity === undefined || !(this.#scope.kind === 'scoped' || isRunning(identity)))
			return this.#lifecycle.files.pidFile.kill(signal);
		const whyNot = () => (isRunning(identity) ? undefined : DECEASED);
		const isSent = killAndLog(identity.pid, signal, whyNot, this.#options.logger);
		if (isSent && signal !== 0 && ENDING.has(toSignal(signal))) this.#lifecycle.expectEnd();
		return isSent;
	}

	isAlive(): boolean {
		const { run, files } = this.#lifecycle;
		return run?.isRunning() || (this.#scope.kind === 'released' && files.pidFile.isAlive());
	}

	async exited(): Promise<ExitStatus> {
		const { name } = this.#options;
		if (this.#lifecycle.run) return await keepAlive(this.#lifecycle.run.process.exited);
		throw new InvalidOptionError(name, [`${name} was not started.`]);
	}

	async expectExit(): Promise<ExitStatus> {
		this.#lifecycle.expectEnd(Number.POSITIVE_INFINITY);
		const death = this.#takeDeath();
		if (death) throw death;
		return await this.exited();
	}

	/** `isSuspected`: the test has failed, perhaps because of an unreported death. */
	async assertNotDied(isSuspected: boolean): Promise<void> {
		if (isSuspected && this.#lifecycle.state === 'ready') await settlesWithin(this.exited(), SUSPICION_MS);
		await this.#lifecycle.waitForReportedEnd();
		this.#takeDeath();
		this.#lifecycle.died.throwIfAborted();
	}

	#takeDeath(): DaemonExitedError | undefined {
		const { aborted, reason } = this.#lifecycle.died;
		if (!aborted || reason === this.#toldDeath) return undefined;
		this.#toldDeath = reason;
		return reason;
	}

	/** The function of {@link stopped} would wait for ever for an operation that waits for it. */
	#inTurn<T>(method: string, work: (cancelled: AbortSignal) => Promise<T>): Promise<T> {
		if (this.#interval.getStore()?.isOver !== false) return this.#queue.run(work);
		const { name } = this.#options;
		const problem = `\`${method}()\` was called by the function of \`stopped()\`, and can only begin when that is over`;
		return Promise.reject(new InvalidOptionError(name, [`${problem}: call it afterwards.`]));
	}

	/** Each operation that ends the daemon cancels the starts and restarts before it. */
	#cancel(): void {
		this.#queue.cancel();
		this.#restarts?.abort();
		this.#restarts = undefined;
	}

	#untilCancelled(): AbortSignal {
		this.#restarts ??= new AbortController();
		return this.#restarts.signal;
	}
}
