/** The start of a daemon: one attempt, and another one if somebody had taken the port that was chosen for the first. */
import { describeExit, type EvidenceRow, namePort } from '../error-text.ts';
import type { DaemonError } from '../errors.ts';
import { findLostPort } from '../evidence/lost-port.ts';
import type { StartupFailure } from '../evidence/startup-failure.ts';
import type { DaemonProcess } from '../launch/daemon-process.ts';
import type { ResolvedOptions } from '../options/options.ts';
import type { Ports } from '../ports/ports.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';
import { isTask, type Scope } from './scope.ts';
import type { StartResult, Startup } from './startup.ts';

export class Start {
	readonly #options: ResolvedOptions;
	readonly #scope: Scope;
	readonly #ports: Ports;
	readonly #begin: () => Startup;
	#startup: Startup;
	/** Rows about the first attempt, if there was another one. */
	#earlier: readonly EvidenceRow[] = [];

	/** @param begin makes an attempt. All of them share the time limit. */
	constructor(options: ResolvedOptions, scope: Scope, ports: Ports, begin: () => Startup) {
		this.#options = options;
		this.#scope = scope;
		this.#ports = ports;
		this.#begin = begin;
		this.#startup = begin();
	}

	/**
	 * Resolves when the daemon is ready, or with the reason of the failure.
	 *
	 * @param begin is called as soon as a process exists.
	 * @param runs know what the first attempt has left.
	 */
	async attempt(begin: (process: DaemonProcess) => Run, runs: Runs, cancelled: AbortSignal): Promise<StartResult> {
		let run: Run | undefined;
		const result = await this.#startup.attempt(process => {
			run = begin(process);
			return run;
		}, cancelled);
		// A task may have done a part of its work.
		if (result.kind !== 'exited' || run === undefined || isTask(this.#scope)) return result;
		const lost = findLostPort(run.timeline, this.#ports.chosen, [...this.#ports.numbers.values()]);
		if (lost === undefined) return result;
		const what = `${describeExit(result.exit)}, as ${namePort(lost.port, lost.protocol)} was taken meanwhile`;
		const isClear = await runs.clear().then(
			() => true,
			() => false,
		);
		if (!isClear) return result;
		this.#options.logger.warn(`${this.#options.name} ${what}: it is started once more, on another port`);
		this.#earlier = [['first start', `${what}; it was started once more, on another port`], ...lost.evidence];
		this.#ports.giveBack();
		this.#startup = this.#begin();
		return await this.#startup.attempt(begin, cancelled);
	}

	/** The evidence of a failed start. Call this before the teardown, which changes what can be seen. */
	describe(failure: StartupFailure): EvidenceRow[] {
		return [...this.#earlier, ...this.#startup.describe(failure)];
	}

	toError(failure: StartupFailure, evidence: readonly EvidenceRow[]): DaemonError {
		return this.#startup.toError(failure, evidence);
	}
}
