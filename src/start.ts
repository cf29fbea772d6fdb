/** One attempt to start a daemon: launched, then ready, or given up with the reason. */
import { dirname } from 'node:path';
import type { DaemonError, EvidenceRow } from './errors.ts';
import { describeStartup, type StartupFailure, startupError } from './evidence/startup-failure.ts';
import { type LaunchOptions, launch } from './launch/launch.ts';
import type { Launched } from './launch/launched.ts';
import type { Lifetime } from './lifetime.ts';
import type { Log } from './log/log.ts';
import type { ResolvedOptions } from './options/options.ts';
import { planLaunch, planProbe, planRecord, type Scope } from './options/plan.ts';
import type { PidFile } from './pid-file.ts';
import { withPidFileLocked } from './pid-file-lock.ts';
import { identify } from './process/identity.ts';
import type { Probe, ProbeResult } from './readiness/probe.ts';
import type { LifeRecord } from './registry/entry.ts';
import { Deadline } from './time/deadline.ts';

/** Where a daemon leaves its traces. */
export interface Files {
	readonly pidFile: PidFile;
	readonly log: Log | undefined;
}

/** Ready, or why not; or who it is that runs already. */
export type StartResult = ProbeResult | StartupFailure | { readonly runningPid: number };

export class Start {
	readonly #ms: number;
	readonly #files: Files;
	readonly #plan: LaunchOptions;
	readonly #scope: Scope;
	readonly #record: LifeRecord;
	readonly #probe: Probe;
	#life: Lifetime | undefined;

	constructor(options: ResolvedOptions, scope: Scope, files: Files) {
		this.#ms = options.startupTimeout;
		this.#files = files;
		this.#plan = planLaunch(options, scope);
		this.#scope = scope;
		this.#record = planRecord(options, scope, this.#plan.marker);
		this.#probe = planProbe(options, files.log, scope);
	}

	/** Resolves when the daemon is ready, or with the reason why it will not be. `begin` is told as soon as it exists. */
	async run(begin: (launched: Launched) => Lifetime, cancelled: AbortSignal): Promise<StartResult> {
		const { pidFile } = this.#files;
		const deadline = new Deadline(this.#ms);
		const signal = AbortSignal.any([deadline.signal, cancelled]);
		try {
			const life = await withSharedFileLocked(pidFile, this.#scope, signal, async () => {
				const runningPid = pidFile.isAlive() ? pidFile.livingPid : undefined;
				return runningPid === undefined ? await this.#launch(begin, signal) : { runningPid };
			});
			return 'runningPid' in life ? life : await life.becomeReady(this.#probe, signal);
		} catch (cause) {
			if (cancelled.aborted) return { kind: 'cancelled' };
			return deadline.signal.aborted ? { kind: 'timeout', ms: deadline.ms } : { kind: 'error', cause };
		} finally {
			deadline.clear();
		}
	}

	#noteLaunch({ marker, identity, launcher, since }: Launched): void {
		const leader = identify(launcher ?? 0);
		if (marker && since && leader) this.#scope.entry?.note({ launched: { marker, identity, launcher: leader, since } });
	}

	async #launch(begin: (launched: Launched) => Lifetime, signal: AbortSignal): Promise<Lifetime> {
		const { log, pidFile } = this.#files;
		signal.throwIfAborted();
		pidFile.assertWritable();
		log?.startOver();
		this.#scope.entry?.note({ life: this.#record });
		const launched = await launch(this.#plan, signal);
		// First of all: what fails from here on has a daemon to end.
		this.#life = begin(launched);
		this.#noteLaunch(launched);
		pidFile.write(launched.identity.pid);
		return this.#life;
	}

	/** What was seen of a failed start. To be asked before its teardown: that changes the picture. */
	describe(failure: StartupFailure): EvidenceRow[] {
		return describeStartup({ plan: this.#plan, probe: this.#probe, life: this.#life?.life }, failure);
	}

	toError(failure: StartupFailure, evidence: readonly EvidenceRow[]): DaemonError {
		return startupError(this.#plan, failure, evidence);
	}
}

/** Nobody else knows a file in the temporary folder. */
export async function withSharedFileLocked<T>(
	{ filename }: PidFile,
	{ dir }: Scope,
	signal: AbortSignal,
	work: () => Promise<T>,
): Promise<T> {
	return dir === dirname(filename) ? await work() : await withPidFileLocked(filename, signal, work);
}
