/** One attempt to start a daemon: it ends when the daemon is ready, or fails with a reason. */
import { join } from 'node:path';
import { describeThrown, type EvidenceRow } from '../error-text.ts';
import { type DaemonError, InvalidOptionError } from '../errors.ts';
import { describeStartup, type StartupFailure, startupError } from '../evidence/startup-failure.ts';
import { describeExec, describeWaiting } from '../evidence/steps.ts';
import type { DaemonProcess } from '../launch/daemon-process.ts';
import { Follower, findOwn, followTo, whyNotOwn } from '../launch/follow.ts';
import { launch } from '../launch/launch.ts';
import { fillIn } from '../launch/placeholders.ts';
import type { Release } from '../lock.ts';
import type { Log } from '../log/log.ts';
import type { Silence } from '../log/silence.ts';
import type { ResolvedOptions } from '../options/options.ts';
import type { Ports } from '../ports/ports.ts';
import type { DaemonPort } from '../ports/wanted.ts';
import { isRunning } from '../process/identity.ts';
import { waitUntilDone } from '../readiness/done.ts';
import { hearsDaemon } from '../readiness/to-probe.ts';
import { type Ready, waitUntilReady } from '../readiness/wait-until-ready.ts';
import type { Notifications } from '../sockets/notifications.ts';
import type { Sockets } from '../sockets/sockets.ts';
import { nextTurn } from '../time/clock.ts';
import { Deadline } from '../time/deadline.ts';
import { fewAtOnce } from '../time/few-at-once.ts';
import type { DaemonFiles } from './files.ts';
import { toFilling } from './filling.ts';
import { planStart, type StartPlan } from './plan.ts';
import { Present } from './present.ts';
import { Run } from './run.ts';
import { isTask, type Preparation, type Scope } from './scope.ts';
import { isPrivate, lockSharedFile } from './shared-pid-file.ts';

/** The daemon is ready, the start has failed, or a process in the PID file runs already. */
export type StartResult = Ready | StartupFailure | { readonly kind: 'runs already'; readonly pid: number };

export class Startup {
	readonly #options: ResolvedOptions;
	readonly #scope: Scope;
	readonly #files: DaemonFiles;
	readonly #ports: Ports;
	readonly #sockets: Sockets;
	readonly #preparation: Preparation;
	#plan: StartPlan | undefined;
	#run: Run | undefined;
	/** The processes that were the daemon before: each is watched once, and the first has an exit status. */
	readonly #former = new Set<DaemonProcess>();
	/** Set while the command that forks itself is followed to its daemon. */
	#follower: Follower | undefined;

	constructor(
		options: ResolvedOptions,
		scope: Scope,
		{ files, ports, sockets }: { readonly files: DaemonFiles; readonly ports: Ports; readonly sockets: Sockets },
		preparation: Preparation,
	) {
		this.#options = options;
		this.#scope = scope;
		this.#files = files;
		this.#ports = ports;
		this.#sockets = sockets;
		this.#preparation = preparation;
	}

	/**
	 * Resolves when the daemon is ready, or with the reason of the failure. Calls `begin` as soon as the process exists.
	 */
	async attempt(begin: (process: DaemonProcess) => Run, cancelled: AbortSignal): Promise<StartResult> {
		const { pidFile, logLock, log } = this.#files;
		const given = this.#scope.kind === 'scoped' ? this.#scope.signal : undefined;
		const { since } = this.#preparation;
		const deadline = new Deadline(this.#options.startupTimeout, since, cancelled, ...(given ? [given] : []));
		const { signal } = deadline;
		let release: Release | undefined;
		try {
			release = await lockSharedFile(pidFile, this.#scope, signal);
			const { livingPid } = pidFile;
			if (livingPid !== undefined) return { kind: 'runs already', pid: livingPid };
			const taken = (await this.#ports.take(signal)) ?? (await this.#takeSockets(signal));
			if (taken !== undefined) return { kind: 'port in use', ...taken };
			this.#notifications?.heed(deadline);
			const holder = await logLock.take();
			if (holder !== undefined) return { kind: 'log in use', logFile: this.#options.logFile ?? '', holder };
			const run = await this.#launch(begin, signal);
			// Until the command has written its PID file, no other caller may take it for free.
			const followed = this.#options.forking ? await this.#follow(run, begin, signal) : run;
			release();
			return followed instanceof Run ? await this.#becomeReady(followed, begin, signal) : followed;
		} catch (cause) {
			if (cancelled.aborted) return { kind: 'cancelled' };
			if (given?.aborted) return { kind: 'aborted', reason: given.reason };
			if (deadline.isOver && !release) return { kind: 'locked', ms: deadline.ms, pidFile: pidFile.filename };
			return deadline.isOver ? { kind: 'timeout', ms: deadline.ms } : { kind: 'error', cause };
		} finally {
			release?.();
			log?.startIsOver();
			deadline.clear();
		}
	}

	get #notifications(): Notifications | undefined {
		return this.#sockets.notify?.notifications;
	}

	async #takeSockets(signal: AbortSignal): Promise<DaemonPort | undefined> {
		signal.throwIfAborted();
		const filling = toFilling(this.#options, this.#scope, this.#ports.filling);
		if (this.#scope.kind === 'scoped' && hearsDaemon(this.#options.ready))
			await this.#sockets.openNotify(join(this.#scope.dir, '.notify'));
		const port = await this.#sockets.take(path => fillIn(path, filling));
		return port === undefined ? undefined : { port, protocol: 'tcp' };
	}

	/** The evidence of a failed start. Call this before the teardown, which changes what can be seen. */
	describe(failure: StartupFailure): EvidenceRow[] {
		if (failure.kind === 'error' && failure.cause instanceof InvalidOptionError) return [];
		const plan = this.#planned();
		const checks = this.#follower ? [this.#follower] : plan.checks();
		const said = this.#notifications?.describe() ?? [];
		const view = { attempt: plan.attempt, checks, said, timeline: this.#run?.timeline };
		const evidence = describeStartup(view, failure);
		return failure.kind === 'timeout' ? [...this.#preparation.evidence, ...evidence] : evidence;
	}

	toError(failure: StartupFailure, evidence: readonly EvidenceRow[]): DaemonError {
		if (failure.kind === 'error' && failure.cause instanceof InvalidOptionError) return failure.cause;
		return startupError(this.#planned().attempt, failure, evidence);
	}

	/** Plans once, when the ports are known, or earlier for the error of a start that failed before. */
	#planned(): StartPlan {
		const { filling } = this.#ports;
		const { env } = this.#preparation;
		this.#plan ??= planStart(this.#options, this.#scope, filling, this.#files.log, this.#sockets, env);
		return this.#plan;
	}

	async #launch(begin: (process: DaemonProcess) => Run, signal: AbortSignal): Promise<Run> {
		const { log, pidFile } = this.#files;
		// What comes before the launch takes as long as the launch itself: others have their turn in between.
		await nextTurn();
		await fewAtOnce();
		signal.throwIfAborted();
		const plan = this.#planned();
		const { name, logger, startupTimeout } = this.#options;
		const launched = await launch(plan.launch, signal, () => {
			if (this.#scope.kind === 'scoped') this.#scope.entry.note({ run: plan.record() });
			// In a folder of our own that is no question, and creating a file takes longer than any other step.
			if (!isPrivate(pidFile.filename, this.#scope)) pidFile.assertWritable();
			// What an earlier daemon left there must not be taken for the word of this one.
			if (this.#options.forking) pidFile.deleteStale();
			log?.startOver();
			// If a check cannot be made, there will be no daemon.
			plan.checks();
			logger.debug(`About to fork ${name}`);
		});
		// Whatever the daemon said before its end is heard before its end is reported.
		const { notify } = this.#sockets;
		const process = notify ? { ...launched, exited: launched.exited.finally(() => notify.drain()) } : launched;
		// This comes first: after any later failure there is a daemon to end.
		this.#run = begin(process);
		logger.debug(describeExec(process.identity.pid, plan.attempt));
		this.#noteLaunch(process);
		if (!this.#options.forking) pidFile.writeLaunched(process.identity);
		logger.debug(describeWaiting('startup', name, startupTimeout));
		return this.#run;
	}

	async #follow(
		{ process, log }: Run,
		begin: (process: DaemonProcess) => Run,
		signal: AbortSignal,
	): Promise<Run | StartupFailure> {
		const follower = new Follower(this.#files.pidFile.filename, () => this.#notifications?.mainPid);
		this.#follower = follower;
		const followed = await follower.follow(process, signal, this.#silenceOf(log));
		if (followed.kind !== 'followed') return followed;
		this.#follower = undefined;
		this.#run = begin(followed.process);
		this.#noteLaunch(followed.process);
		this.#files.pidFile.noteLaunched(followed.process.identity);
		return this.#run;
	}

	/** Undefined without a log, or without the option. */
	#silenceOf(log: Log | undefined): Silence | undefined {
		const { inactivityTimeout: ms } = this.#options;
		return log && ms !== undefined ? { log, ms } : undefined;
	}

	#noteLaunch({ marker, identity, launcherIdentity: launcher, since }: DaemonProcess): void {
		if (this.#scope.kind === 'scoped' && marker && since && launcher)
			this.#scope.entry.note({ launched: { marker, identity, launcher, since } });
	}

	/** @param pid the MAINPID. Returns why it is not believed. */
	#followMain(pid: number, daemon: Present, begin: (process: DaemonProcess) => Run): string | undefined {
		const run = this.#run;
		// A daemon that has ended, or was asked to, is followed no more.
		if (run === undefined || run.timeline.exit !== undefined || run.teardown.request !== undefined) return undefined;
		if (run.process.identity.pid === pid) return undefined;
		try {
			const main = findOwn(pid, run.process);
			if (main === undefined) return whyNotOwn(pid);
			const isBack = ({ identity }: DaemonProcess) => identity.pid === pid && isRunning(identity);
			const process = [...this.#former].find(isBack) ?? followTo(main, run.process);
			this.#former.add(run.process);
			this.#noteLaunch(process);
			if (!this.#options.forking) this.#files.pidFile.writeLaunched(process.identity);
			this.#run = begin(process);
			daemon.become(process);
			return undefined;
		} catch (error) {
			return `names process ${pid}, which could not be followed: ${describeThrown(error)}`;
		}
	}

	async #becomeReady(
		{ process, log }: Run,
		begin: (process: DaemonProcess) => Run,
		signal: AbortSignal,
	): Promise<Ready | StartupFailure> {
		const daemon = new Present(process, this.#ports.numbers);
		if (!isTask(this.#scope)) this.#notifications?.onMainPid(pid => this.#followMain(pid, daemon, begin));
		const wait = isTask(this.#scope) ? waitUntilDone : waitUntilReady;
		const result = await wait(this.#planned().checks(), daemon, signal, this.#silenceOf(log));
		if (result.kind !== 'ready') return result;
		this.#run?.timeline.becameReady();
		this.#notifications?.heed(undefined);
		const group = this.#ports.learn(result.captures);
		return group === undefined ? result : { kind: 'no port', group, captured: result.captures[group] };
	}
}
