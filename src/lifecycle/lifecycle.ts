/** The states of a daemon, and the steps from one to the next, from its start until nothing is left. */
import { type ExitStatus, reasonsOf } from '../error-text.ts';
import { describeListeners } from '../evidence/listeners.ts';
import { alreadyRunningError, type StartupFailure } from '../evidence/startup-failure.ts';
import { describeAsking, describeWaiting } from '../evidence/steps.ts';
import { NOTHING_TO_END, type OpenPort, type TeardownReport, withTeardown } from '../evidence/teardown-failure.ts';
import { attach } from '../launch/attach.ts';
import type { DaemonProcess } from '../launch/daemon-process.ts';
import type { Captures } from '../log/captures.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { Ports } from '../ports/ports.ts';
import { identify } from '../process/identity.ts';
import { Sockets } from '../sockets/sockets.ts';
import { now } from '../time/clock.ts';
import { settlesWithin } from '../time/deadline.ts';
import { DaemonFiles } from './files.ts';
import { callersEnvironment, toFilling } from './filling.ts';
import { planRequest } from './plan-shutdown.ts';
import { Run } from './run.ts';
import { Runs } from './runs.ts';
import { isTask, type Preparation, type Scope } from './scope.ts';
import { removeOwn, removeStale } from './shared-pid-file.ts';
import { Start } from './start.ts';
import { Startup } from './startup.ts';
import type { DaemonState } from './state.ts';

/** How long to wait for the report of an end that is certain. */
const REPORT_MS = 5000;

/** Not reentrant: its caller runs one step at a time. */
export class Lifecycle {
	readonly files: DaemonFiles;
	readonly ports: Ports;
	readonly sockets: Sockets;
	readonly #options: ResolvedOptions;
	readonly #scope: Scope;
	readonly #runs = new Runs();
	#state: DaemonState = 'idle';
	#captures: Captures = {};
	/** An end before this moment, in ms of `now()`, is not a death. */
	#endExpectedUntil = 0;
	#died = new AbortController();
	#asking: Promise<void> | undefined;
	#preparation: Preparation | undefined;

	constructor(options: ResolvedOptions, scope: Scope) {
		this.#options = options;
		this.#scope = scope;
		const ownLog = scope.kind === 'scoped' ? scope.ownLog : undefined;
		this.files = new DaemonFiles(options, ownLog, () => this.run?.process.exited);
		this.ports = new Ports(options);
		this.sockets = new Sockets(options.listen);
		this.#preparation = scope.kind === 'scoped' ? scope.preparation : undefined;
	}

	/** Call this when an option was assigned. A running daemon keeps the files that it was started with. */
	refresh(): void {
		this.files.refresh(this.#state === 'starting' || this.run?.isRunning() === true);
	}

	get state(): DaemonState {
		return this.#state;
	}

	/** The present run, or the latest one. */
	get run(): Run | undefined {
		return this.#runs.current;
	}

	get captures(): Captures {
		return this.#captures;
	}

	/** Aborts when the daemon ends without having been asked to. */
	get died(): AbortSignal {
		return this.#died.signal;
	}

	/** Whether nothing is left of what was started; false if that cannot be found out. */
	isOver(): boolean {
		return this.#runs.isOver();
	}

	/** The request that is under way, if the daemon is being asked to end. */
	get asking(): Promise<void> | undefined {
		return this.#asking;
	}

	/** An end within this many ms is not a death. */
	expectEnd(ms: number = this.#options.shutdownTimeout): void {
		this.run?.teardown.noteKill();
		this.#endExpectedUntil = now() + ms;
	}

	async startUp(cancelled: AbortSignal, env = callersEnvironment()): Promise<void> {
		if (this.run?.isRunning()) return;
		this.refresh();
		const preparation = this.#preparation ?? { since: now(), evidence: [], env };
		const attempt = () => new Startup(this.#options, this.#scope, this, preparation);
		const start = new Start(this.#options, this.#scope, this.ports, attempt);
		this.#preparation = undefined;
		const before = this.#state;
		this.#state = 'starting';
		this.#captures = {};
		if (this.#died.signal.aborted) this.#died = new AbortController();
		const result = await start.attempt(process => this.#begin(process), this.#runs, cancelled);
		if (result.kind === 'runs already') {
			this.#state = before;
			return await this.#meet(result.pid);
		}
		if (result.kind !== 'ready') throw await this.#giveUp(start, result);
		this.#captures = result.captures;
		const isDone = isTask(this.#scope);
		this.#state = isDone ? 'stopped' : 'ready';
		const { name, logger } = this.#options;
		logger.info(isDone ? `${name} is done` : `${name} is ready, its pid is ${this.run?.process.identity.pid}`);
	}

	#begin(process: DaemonProcess): Run {
		const sources = { log: this.files.log, notifications: this.sockets.notify?.notifications };
		const run = new Run(process, this.#options, sources, this.#runs.timelineOf(process));
		this.#runs.begin(run);
		this.#endExpectedUntil = 0;
		// No event announces the end of an attached daemon; it is only polled for when `exited` is read.
		if (process.launcher !== undefined) void process.exited.then(exit => this.#onExit(run, exit));
		return run;
	}

	async #giveUp(start: Start, failure: StartupFailure): Promise<Error> {
		const evidence = start.describe(failure);
		const report = this.run === undefined ? NOTHING_TO_END : await this.tearDown();
		this.ports.giveBack();
		await this.sockets.giveBack();
		this.files.logLock.release();
		this.#state = 'failed';
		return start.toError(failure, withTeardown(evidence, report));
	}

	async #meet(pid: number): Promise<void> {
		if (this.#scope.kind === 'scoped')
			throw await alreadyRunningError(this.#options.name, pid, this.files.pidFile.filename);
		await this.#adopt();
	}

	/** Adopts the living process in the PID file. A helper never does, as that process belongs to another caller. */
	async #adopt(): Promise<void> {
		if (this.#scope.kind === 'scoped' || this.run?.isRunning()) return;
		const identity = identify(this.files.pidFile.livingPid ?? 0);
		if (identity === undefined) return;
		this.ports.adopt();
		await this.sockets.adopt();
		this.#begin(attach(identity));
		this.files.log?.startOver();
		this.#state = 'ready';
	}

	async shutDown(): Promise<void> {
		await this.#ask();
		await this.#finish(pid => removeOwn(this.files.pidFile, pid, this.#scope));
	}

	/** Waits for the report of an end that is certain. There is none for an adopted daemon. */
	async waitForReportedEnd(): Promise<void> {
		const run = this.run;
		if (this.#state !== 'ready' || run?.process.launcher === undefined || !run.isLost()) return;
		await settlesWithin(run.process.exited, REPORT_MS);
	}

	/** The present run if its daemon runs. The living process in the PID file is adopted. */
	async findRunning(): Promise<Run | undefined> {
		await this.#adopt();
		const run = this.run;
		if (run?.isLost() === false) return run;
		// An end until now is a death, even if a request could still be sent.
		await this.waitForReportedEnd();
		return this.run?.isRunning() ? this.run : undefined;
	}

	async #ask(): Promise<void> {
		const run = await this.findRunning();
		const before = this.#state;
		if (run === undefined) return;
		this.#endExpectedUntil = Number.POSITIVE_INFINITY;
		this.#state = 'stopping';
		try {
			const filling = toFilling(this.#options, this.#scope, this.ports.filling, this.sockets.values);
			const request = planRequest(this.#options, this.#scope, filling, run.process.identity);
			const { name, logger, shutdownTimeout } = this.#options;
			logger.debug(describeAsking(run.process.identity.pid, request));
			logger.debug(describeWaiting('shutdown', name, shutdownTimeout));
			this.#asking = run.teardown.ask(request);
			await this.#asking;
		} catch (error) {
			this.#state = before;
			throw error;
		} finally {
			this.#asking = undefined;
		}
	}

	/** @param asking a shutdown that is under way is joined. */
	async tearDown(asking = this.#ask()): Promise<TeardownReport> {
		try {
			const report = await this.#runs.end(asking);
			// The findings so far are reported even if the rest fails.
			const [finished] = await Promise.allSettled([this.#finish(() => removeStale(this.files.pidFile, this.#scope))]);
			const [ports] = await Promise.allSettled([this.#findOpenPorts()]);
			const failures = reasonsOf([finished, ports]);
			return { ...report, failures, openPorts: ports.status === 'fulfilled' ? ports.value : [] };
		} finally {
			this.ports.giveBack();
		}
	}

	/** Ends what the daemon has left, which the teardown reports; returns the ports that are open all the same. */
	async clear(): Promise<OpenPort[]> {
		await this.#runs.clear();
		return await this.#findOpenPorts();
	}

	/** A daemon that not even SIGKILL has ended may still use its ports, so they are not reported. */
	async #findOpenPorts(): Promise<OpenPort[]> {
		const held = await this.sockets.giveBack();
		if (this.ports.numbers.size + held.length === 0 || this.run === undefined || !this.isOver()) return [];
		const open = [...held.map(port => ({ port, protocol: 'tcp' as const })), ...(await this.ports.findOpen())];
		return open.map(one => ({ ...one, evidence: describeListeners(one.port, one.protocol) }));
	}

	/** The daemon is gone: removes its PID file, and ends its launcher unless that still guards survivors. */
	async #finish(removePidFile: (pid: number) => Promise<void>): Promise<void> {
		const run = this.run;
		if (run === undefined || run.isRunning()) return;
		this.files.logLock.release();
		if (this.#state !== 'failed') this.#state = 'stopped';
		if (this.isOver()) await run.process.dismiss();
		await removePidFile(run.process.identity.pid);
	}

	#onExit(run: Run, exit: ExitStatus): void {
		run.timeline.exit = exit;
		// A start sees to its own failures, and a command that forks itself may end in it.
		if (this.run !== run || this.#state === 'starting') return;
		this.files.logLock.release();
		const wasKilled = this.#state === 'stopping' && run.teardown.wasKilledByOthers(exit);
		if (this.#state !== 'ready' && !wasKilled) return;
		const isExpected = !wasKilled && now() <= this.#endExpectedUntil;
		this.#state = isExpected ? 'stopped' : 'failed';
		if (!isExpected) this.#died.abort(run.toDeath(exit));
	}
}
