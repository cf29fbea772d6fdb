/** One attempt to start a daemon: launched, then ready, or given up with the reason. */
import { dirname } from 'node:path';
import type { DaemonError, EvidenceRow } from '../errors.ts';
import { describeStartup, type StartupFailure, startupError } from '../evidence/startup-failure.ts';
import { describeExec, describeWaiting } from '../evidence/steps.ts';
import type { DaemonProcess } from '../launch/daemon-process.ts';
import { type LaunchOptions, launch } from '../launch/launch.ts';
import type { Release } from '../lock.ts';
import type { Log } from '../log/log.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { lockPidFile } from '../pid-file/lock.ts';
import type { PidFile } from '../pid-file/pid-file.ts';
import type { Ports } from '../ports/ports.ts';
import { identify } from '../process/identity.ts';
import type { Probe, ProbeResult } from '../readiness/probe.ts';
import type { LifeRecord } from '../registry/fact.ts';
import { Deadline } from '../time/deadline.ts';
import type { LogLock } from './log-lock.ts';
import { type Preparation, planLaunch, planProbe, planRecord, type Scope } from './plan.ts';
import type { Lifetime } from './run.ts';

/** Where a daemon leaves its traces. */
export interface Traces {
	readonly pidFile: PidFile;
	readonly log: Log | undefined;
	readonly ports: Ports;
	readonly logLock: LogLock;
}

/** Ready, or why not; or who it is that runs already. */
export type StartResult = ProbeResult | StartupFailure | { readonly runningPid: number };

export class Start {
	readonly #options: ResolvedOptions;
	readonly #scope: Scope;
	readonly #traces: Traces;
	readonly #probe: Probe;
	#plan: LaunchOptions;
	#record: LifeRecord;
	readonly #preparation: Preparation | undefined;
	#life: Lifetime | undefined;

	constructor(options: ResolvedOptions, scope: Scope, traces: Traces, preparation?: Preparation) {
		this.#preparation = preparation;
		this.#options = options;
		this.#scope = scope;
		this.#traces = traces;
		this.#probe = planProbe(options, traces.log, scope);
		this.#plan = planLaunch(options, scope);
		this.#record = planRecord(options, scope, this.#plan.marker);
	}

	/** Resolves when the daemon is ready, or with the reason why it will not be. `begin` is told as soon as it exists. */
	async run(begin: (launched: DaemonProcess) => Lifetime, cancelled: AbortSignal): Promise<StartResult> {
		const { pidFile, ports, logLock } = this.#traces;
		const deadline = new Deadline(this.#options.startupTimeout, this.#preparation?.since);
		const { signal: given } = this.#scope;
		const signal = AbortSignal.any([deadline.signal, cancelled, ...(given ? [given] : [])]);
		let release: Release | undefined;
		try {
			release = await lockSharedFile(pidFile, this.#scope, signal);
			const runningPid = pidFile.livingPid;
			if (runningPid !== undefined) return { runningPid };
			const port = await ports.take(signal);
			if (port !== undefined) return { kind: 'port in use', port };
			const holder = await logLock.take();
			if (holder !== undefined) return { kind: 'log in use', logFile: this.#options.logFile ?? '', holder };
			const life = await this.#launch(begin, signal);
			release();
			return await life.becomeReady(this.#probe, signal);
		} catch (cause) {
			if (cancelled.aborted) return { kind: 'cancelled' };
			if (given?.aborted) return { kind: 'aborted', reason: given.reason };
			if (deadline.signal.aborted && !release) return { kind: 'locked', ms: deadline.ms, pidFile: pidFile.filename };
			return deadline.signal.aborted ? { kind: 'timeout', ms: deadline.ms } : { kind: 'error', cause };
		} finally {
			release?.();
			this.#traces.log?.startIsOver();
			deadline.clear();
		}
	}

	#noteLaunch({ marker, identity, launcher, since }: DaemonProcess): void {
		const leader = identify(launcher ?? 0);
		if (marker && since && leader) this.#scope.entry?.note({ launched: { marker, identity, launcher: leader, since } });
	}

	async #launch(begin: (launched: DaemonProcess) => Lifetime, signal: AbortSignal): Promise<Lifetime> {
		const { log, pidFile, ports } = this.#traces;
		signal.throwIfAborted();
		if (ports.numbers.size > 0) this.#planWith(ports.numbers);
		this.#scope.entry?.note({ life: this.#record });
		pidFile.assertWritable();
		log?.startOver();
		const { name, logger, startupTimeout } = this.#options;
		logger.debug(`About to fork ${name}`);
		const launched = await launch(this.#plan, signal);
		// First of all: what fails from here on has a daemon to end.
		this.#life = begin(launched);
		logger.debug(describeExec(launched.identity.pid, this.#plan));
		this.#noteLaunch(launched);
		pidFile.writeLaunched(launched.identity);
		logger.debug(describeWaiting('startup', name, startupTimeout));
		return this.#life;
	}

	/** Once more, as which ports there are is not known before. */
	#planWith(ports: ReadonlyMap<string, number>): void {
		const scope = { ...this.#scope, ports };
		this.#plan = planLaunch(this.#options, scope);
		this.#record = planRecord(this.#options, scope, this.#plan.marker);
	}

	/** What was seen of a failed start. To be asked before its teardown: that changes the picture. */
	describe(failure: StartupFailure): EvidenceRow[] {
		const evidence = describeStartup({ plan: this.#plan, probe: this.#probe, life: this.#life?.life }, failure);
		return failure.kind === 'timeout' ? [...(this.#preparation?.evidence ?? []), ...evidence] : evidence;
	}

	toError(failure: StartupFailure, evidence: readonly EvidenceRow[]): DaemonError {
		return startupError(this.#plan, failure, evidence);
	}
}

/** Nobody else knows a file in the temporary folder. */
export async function lockSharedFile({ filename }: PidFile, { dir }: Scope, signal: AbortSignal): Promise<Release> {
	return dir === dirname(filename) ? () => {} : await lockPidFile(filename, signal);
}
