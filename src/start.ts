/** One attempt to start a daemon: launched, then ready, or given up with the reason. */
import type { DaemonError, EvidenceRow } from './errors.ts';
import { describeStartup, type StartupFailure, startupError } from './evidence/startup-failure.ts';
import { type LaunchOptions, launch } from './launch/launch.ts';
import type { Launched } from './launch/launched.ts';
import type { Lifetime } from './lifetime.ts';
import type { Log } from './log/log.ts';
import type { ResolvedOptions } from './options/options.ts';
import { planLaunch, planProbe, type Scope } from './options/plan.ts';
import type { PidFile } from './pid-file.ts';
import type { Probe, ProbeResult } from './readiness/probe.ts';
import { Deadline } from './time/deadline.ts';

/** Where a daemon leaves its traces. */
export interface Files {
	readonly pidFile: PidFile;
	readonly log: Log | undefined;
}

export class Start {
	readonly #ms: number;
	readonly #files: Files;
	readonly #plan: LaunchOptions;
	readonly #probe: Probe;
	#life: Lifetime | undefined;

	constructor(options: ResolvedOptions, scope: Scope, files: Files) {
		this.#ms = options.startupTimeout;
		this.#files = files;
		this.#plan = planLaunch(options, scope);
		this.#probe = planProbe(options, files.log, scope);
	}

	/** Resolves when the daemon is ready, or with the reason why it will not be. `begin` is told as soon as it exists. */
	async run(begin: (launched: Launched) => Lifetime, cancelled: AbortSignal): Promise<ProbeResult | StartupFailure> {
		const { log, pidFile } = this.#files;
		const deadline = new Deadline(this.#ms);
		const signal = AbortSignal.any([deadline.signal, cancelled]);
		try {
			signal.throwIfAborted();
			pidFile.assertWritable();
			log?.startOver();
			this.#life = begin(await launch(this.#plan, signal));
			pidFile.write(this.#life.launched.identity.pid);
			return await this.#life.becomeReady(this.#probe, signal);
		} catch (cause) {
			if (cancelled.aborted) return { kind: 'cancelled' };
			return deadline.signal.aborted ? { kind: 'timeout', ms: deadline.ms } : { kind: 'error', cause };
		} finally {
			deadline.clear();
		}
	}

	/** What was seen of a failed start. To be asked before its teardown: that changes the picture. */
	describe(failure: StartupFailure): EvidenceRow[] {
		return describeStartup({ plan: this.#plan, probe: this.#probe, life: this.#life?.life }, failure);
	}

	toError(failure: StartupFailure, evidence: readonly EvidenceRow[]): DaemonError {
		return startupError(this.#plan, failure, evidence);
	}
}
