/** The story of a daemon: what happens in which order, from start to gone. */

import type { ExitStatus } from '../errors.ts';
import { alreadyRunningError } from '../evidence/already-running.ts';
import { describeListeners } from '../evidence/listeners.ts';
import type { StartupFailure } from '../evidence/startup-failure.ts';
import { describeAsking, describeWaiting } from '../evidence/steps.ts';
import { describeTeardown, NOTHING_TO_END, type OpenPort, type TeardownReport } from '../evidence/teardown-failure.ts';
import { adopt, type DaemonProcess } from '../launch/daemon-process.ts';
import type { Captures } from '../log/captures.ts';
import type { Log } from '../log/log.ts';
import type { ResolvedOptions } from '../options/options.ts';
import type { PidFile } from '../pid-file/pid-file.ts';
import { Ports } from '../ports/ports.ts';
import { identify } from '../process/identity.ts';
import { now } from '../time/clock.ts';
import { Deadline, settlesWithin } from '../time/deadline.ts';
import { DaemonFiles } from './files.ts';
import type { LogLock } from './log-lock.ts';
import { assertFilledIn, type Preparation, planRequest, type Scope } from './plan.ts';
import { Lifetime } from './run.ts';
import { lockSharedFile, Start } from './startup.ts';

/** Where a daemon stands. `failed`: its start failed, or it ended without having been asked to. */
export type DaemonState = 'idle' | 'starting' | 'ready' | 'stopping' | 'stopped' | 'failed';

/** To remove a PID file waits no longer for who looks at it. */
const LOCK_MS = 1000;
/** How long the news of an end that is certain can take. */
const NEWS_MS = 5000;

/** Its steps must not overlap: that is for who calls them. */
export class Lifecycle {
	readonly #files: DaemonFiles;
	readonly ports: Ports;
	readonly #options: ResolvedOptions;
	readonly #scope: Scope;
	#state: DaemonState = 'idle';
	#life: Lifetime | undefined;
	#captures: Captures = {};
	/** Until then its end is no accident, in ms of `now()`. */
	#endExpectedUntil = 0;
	#died = new AbortController();
	#asking: Promise<void> | undefined;
	#preparation: Preparation | undefined;

	constructor(options: ResolvedOptions, scope: Scope) {
		this.#preparation = scope.preparation;
		this.#options = options;
		this.#scope = scope;
		this.#files = new DaemonFiles(options, scope.ownLog, () => this.#life?.launched.exited);
		this.ports = new Ports(options);
	}

	get pidFile(): PidFile {
		return this.#files.pidFile;
	}

	get log(): Log | undefined {
		return this.#files.log;
	}

	get logLock(): LogLock {
		return this.#files.logLock;
	}

	/** An option was assigned. The files of a daemon that runs are those that it was started with. */
	refresh(): void {
		this.#files.refresh(this.#state === 'starting' || this.#life?.isRunning() === true);
	}

	get state(): DaemonState {
		return this.#state;
	}

	/** The present life, or the latest one. */
	get life(): Lifetime | undefined {
		return this.#life;
	}

	get captures(): Captures {
		return this.#captures;
	}

	/** Aborts when the daemon ends without having been asked to. */
	get died(): AbortSignal {
		return this.#died.signal;
	}

	/** Whether nothing is left of what was started; false also if that cannot be looked at. */
	isOver(): boolean {
		try {
			return this.#life === undefined || this.#life.isOver();
		} catch {
			// ENFILE.
			return false;
		}
	}

	/** The daemon is being asked to end. */
	get asking(): Promise<void> | undefined {
		return this.#asking;
	}

	/** Its end is no accident if it comes within that many ms. */
	expectEnd(ms: number = this.#options.shutdownTimeout): void {
		this.#endExpectedUntil = now() + ms;
	}

	async startUp(cancelled: AbortSignal): Promise<void> {
		if (this.#life?.isRunning()) return;
		this.refresh();
		const start = new Start(this.#options, this.#scope, this, this.#preparation);
		this.#preparation = undefined;
		const before = this.#state;
		this.#state = 'starting';
		this.#captures = {};
		if (this.#died.signal.aborted) this.#died = new AbortController();
		const result = await start.run(launched => this.#begin(launched), cancelled);
		if ('runningPid' in result) {
			this.#state = before;
			return await this.#meet(result.runningPid);
		}
		if ('kind' in result) throw await this.#giveUp(start, result);
		this.#captures = result.captures ?? {};
		this.#state = 'ready';
		this.#options.logger.info(`${this.#options.name} is ready, its pid is ${this.#life?.launched.identity.pid}`);
	}

	#begin(launched: DaemonProcess): Lifetime {
		const life = new Lifetime(launched, this.#options, this.log, this.#life);
		this.#life = life;
		this.#endExpectedUntil = 0;
		if (launched.launcher !== undefined) void launched.exited.then(exit => this.#onExit(life, exit));
		return life;
	}

	async #giveUp(start: Start, failure: StartupFailure): Promise<Error> {
		const evidence = start.describe(failure);
		const report = this.#life === undefined ? NOTHING_TO_END : await this.tearDown();
		this.ports.giveBack();
		this.logLock.release();
		this.#state = 'failed';
		return start.toError(failure, [...evidence, ...describeTeardown(report)]);
	}

	async #meet(pid: number): Promise<void> {
		if (this.#scope.entry) throw await alreadyRunningError(this.#options.name, pid, this.pidFile.filename);
		this.#adopt();
	}

	/** The living process in the PID file, which this object did not start. For a helper it is somebody else's. */
	#adopt(): void {
		if (this.#scope.entry || this.#life?.isRunning()) return;
		const identity = identify(this.pidFile.livingPid ?? 0);
		if (identity === undefined) return;
		this.ports.adopt();
		this.#begin(adopt(identity));
		this.log?.startOver();
		this.#state = 'ready';
	}

	async shutDown(): Promise<void> {
		await this.#ask();
		await this.#finish(pid => void this.pidFile.delete(pid));
	}

	/** The daemon is lost, but the news of that may still be on the way. One that was adopted sends none. */
	async hearOfEnd(): Promise<void> {
		const life = this.#life;
		if (this.#state !== 'ready' || life?.launched.launcher === undefined || !life.isLost()) return;
		await settlesWithin(life.launched.exited, NEWS_MS);
	}

	async #ask(): Promise<void> {
		this.#adopt();
		// What comes before the request is a death, even if the request could still be sent.
		await this.hearOfEnd();
		const [life, before] = [this.#life, this.#state];
		if (!life?.isRunning()) return;
		this.#endExpectedUntil = Number.POSITIVE_INFINITY;
		this.#state = 'stopping';
		try {
			const scope = { ...this.#scope, ports: this.ports.numbers };
			const request = planRequest(this.#options, scope, life.launched.identity);
			assertFilledIn(this.#options.name, request);
			const { name, logger, shutdownTimeout } = this.#options;
			logger.debug(describeAsking(life.launched.identity.pid, request));
			logger.debug(describeWaiting('shutdown', name, shutdownTimeout));
			this.#asking = life.askToEnd(request);
			await this.#asking;
		} catch (error) {
			this.#state = before;
			throw error;
		} finally {
			this.#asking = undefined;
		}
	}

	/** @param asking who is asked already is not asked again. */
	async tearDown(asking = this.#ask()): Promise<TeardownReport> {
		try {
			const report = await (this.#life?.tearDown(asking) ?? asking.then(() => NOTHING_TO_END));
			// What has been found is told, even if the rest fails.
			const [finished] = await Promise.allSettled([this.#finish(() => this.pidFile.deleteStale())]);
			const [ports] = await Promise.allSettled([this.#findOpenPorts()]);
			const failures = [finished, ports].flatMap(result => (result.status === 'rejected' ? [result.reason] : []));
			return { ...report, failures, openPorts: ports.status === 'fulfilled' ? ports.value : [] };
		} finally {
			this.ports.giveBack();
		}
	}

	/** A daemon that not even SIGKILL has ended has its ports with good reason. */
	async #findOpenPorts(): Promise<OpenPort[]> {
		if (this.ports.numbers.size === 0 || !this.#life?.isOver()) return [];
		const open = await this.ports.findOpen();
		return open.map(port => ({ port, evidence: describeListeners(port) }));
	}

	/** The daemon is gone: so is its launcher, unless it still guards survivors, and its PID file. */
	async #finish(removePidFile: (pid: number) => void): Promise<void> {
		const life = this.#life;
		if (life === undefined || life.isRunning()) return;
		this.logLock.release();
		if (this.#state !== 'failed') this.#state = 'stopped';
		if (life.isOver()) await life.launched.dismiss();
		await this.#lockPidFile(() => removePidFile(life.launched.identity.pid));
	}

	async #lockPidFile(remove: () => void): Promise<void> {
		const deadline = new Deadline(LOCK_MS);
		// EMFILE; or who holds the lock does nothing with it.
		const release = await lockSharedFile(this.pidFile, this.#scope, deadline.signal).catch(() => () => {});
		deadline.clear();
		try {
			remove();
		} finally {
			release();
		}
	}

	#onExit(life: Lifetime, exit: ExitStatus): void {
		if (this.#life !== life) return;
		this.logLock.release();
		if (this.#state !== 'ready') return;
		const isExpected = now() <= this.#endExpectedUntil;
		this.#state = isExpected ? 'stopped' : 'failed';
		if (!isExpected) this.#died.abort(life.toDeath(exit));
	}
}
