/** One life of a daemon, from its launch until nothing is left of it. A restart is another one. */
import {
	DaemonExitedError,
	type EvidenceRow,
	type ExitStatus,
	ShutdownCommandError,
	ShutdownTimeoutError,
} from './errors.ts';
import { describeCondition, describeLife, describeLog, type Life } from './evidence/life.ts';
import type { StartupFailure } from './evidence/startup-failure.ts';
import type { TeardownReport } from './evidence/teardown-failure.ts';
import type { Launched } from './launch/launched.ts';
import type { Log } from './log/log.ts';
import type { ResolvedOptions } from './options/options.ts';
import { isRunning } from './process/identity.ts';
import { toSignal } from './process/signals.ts';
import { findSurvivors } from './process/survivors.ts';
import { whenSilent } from './readiness/inactivity.ts';
import type { Probe, ProbeResult } from './readiness/probe.ts';
import { ask, describeRequest, type Request } from './teardown/ask.ts';
import { force, stopSurvivors } from './teardown/ladder.ts';
import { RequestError } from './teardown/request-error.ts';
import { signalDaemon } from './teardown/signal-daemon.ts';
import { Deadline, settlesWithin, unlessAborted } from './time/deadline.ts';

/** What a daemon gets to answer its `diagnosticSignal`: until it has been silent for a moment. */
const DIAGNOSIS_MS = { silence: 100, most: 1000 } as const;

/** What a daemon gets to end after a request that failed, such as a client whose connection the daemon has cut. */
const HEARD_MS = 100;

export class Lifetime {
	readonly launched: Launched;
	readonly #options: ResolvedOptions;
	readonly #log: Log | undefined;
	readonly #launchedAt = performance.now();
	#readyAt: number | undefined;
	#exit: ExitStatus | undefined;
	#isCleared = false;

	constructor(launched: Launched, options: ResolvedOptions, log: Log | undefined) {
		this.launched = launched;
		this.#options = options;
		this.#log = log;
		// The end of an adopted daemon is no event: it is looked for only when somebody waits for it.
		if (launched.launcher !== undefined)
			void launched.exited.then(exit => {
				this.#exit = exit;
			});
	}

	/** What can be told about it in an error. */
	get life(): Life {
		const { identity } = this.launched;
		const [launchedAt, readyAt, exit, log] = [this.#launchedAt, this.#readyAt, this.#exit, this.#log];
		return { identity, launchedAt, readyAt, exit, log };
	}

	isRunning(): boolean {
		return isRunning(this.launched.identity);
	}

	/** What its end means to those who use it. */
	toDeath(exit: ExitStatus): DaemonExitedError {
		const evidence = [describeLife(this.life), ...describeLog(this.#log)];
		return new DaemonExitedError(this.#options.name, exit, { evidence });
	}

	/** Resolves when the probe holds, or with the reason why that can no longer be hoped for. */
	async becomeReady(probe: Probe, signal: AbortSignal): Promise<ProbeResult | StartupFailure> {
		const { inactivityTimeout } = this.#options;
		const over = new AbortController();
		const either = AbortSignal.any([signal, over.signal]);
		const exited = async () => ({ kind: 'exited', exit: await this.launched.exited }) as const;
		const silent = async (log: Log, ms: number) => {
			await whenSilent(log, ms, either);
			return { kind: 'silent', ms } as const;
		};
		const ready = probe.wait(either);
		const waits: Promise<ProbeResult | StartupFailure>[] = [exited(), ready];
		if (this.#log && inactivityTimeout !== undefined) waits.push(silent(this.#log, inactivityTimeout));
		try {
			const result = await Promise.race(waits);
			// The news of its end may still be on the way, behind the news of its last words.
			if (!this.isRunning()) return await unlessAborted(exited(), signal);
			if (!('kind' in result)) this.#readyAt = performance.now();
			return result;
		} finally {
			over.abort();
			// The probe's last look: what it says about why it was not ready has to be about all there was.
			await Promise.allSettled([ready]);
		}
	}

	/**
	 * Asks it to end, and resolves when it has.
	 *
	 * @throws ShutdownTimeoutError, ShutdownCommandError
	 */
	async askToEnd(request: Request): Promise<void> {
		const { name, shutdownTimeout } = this.#options;
		const deadline = new Deadline(shutdownTimeout);
		try {
			await ask(this.launched, request, deadline.signal);
			await unlessAborted(this.launched.exited, deadline.signal);
		} catch (error) {
			// A request may fail and be heard all the same, or go on although nobody is left to hear it.
			if (await settlesWithin(this.launched.exited, HEARD_MS)) return;
			if (error instanceof RequestError)
				throw new ShutdownCommandError(name, `${name} could not be asked to end: ${error.message}`, {
					evidence: [...error.evidence, ...this.#describe()],
					cause: error,
				});
			if (!deadline.signal.aborted) throw error;
			const what = `did not end within ${shutdownTimeout} ms of ${describeRequest(request)}`;
			throw new ShutdownTimeoutError(name, what, shutdownTimeout, { evidence: this.#describe() });
		} finally {
			deadline.clear();
		}
	}

	/** Force where asking was not enough, then the end of whatever survived. Never rejects because of the daemon. */
	async tearDown(asking: Promise<void>): Promise<TeardownReport> {
		const { killMode } = this.#options;
		const refusal = await asking.then(
			() => undefined,
			(error: unknown) => {
				if (error instanceof ShutdownTimeoutError || error instanceof ShutdownCommandError) return error;
				throw error;
			},
		);
		const evidence = refusal ? await this.#diagnose() : [];
		const forcedBy = refusal ? await force(this.launched, killMode) : undefined;
		const { launcher } = this.launched;
		const leaks = launcher === undefined ? [] : await stopSurvivors(launcher);
		this.#isCleared = leaks.every(({ endedBy }) => endedBy !== undefined);
		return { refusal, forcedBy, evidence, leaks };
	}

	/** Whether anything is left of it: while there is, its launcher keeps group and session from being mistaken. */
	isOver(): boolean {
		const { launcher } = this.launched;
		return !this.isRunning() && (this.#isCleared || launcher === undefined || findSurvivors(launcher).length === 0);
	}

	/** What is seen before force destroys it, with the daemon's own words if it has a signal for that. */
	async #diagnose(): Promise<readonly EvidenceRow[]> {
		const signal = toSignal(this.#options.diagnosticSignal ?? '');
		if (signal && signalDaemon(this.launched, signal, 'process') === 'sent') {
			const over = new AbortController();
			const silence = this.#log ? whenSilent(this.#log, DIAGNOSIS_MS.silence, over.signal) : Promise.resolve();
			await settlesWithin(Promise.race([silence, this.launched.exited]), DIAGNOSIS_MS.most);
			over.abort();
		}
		return this.#describe();
	}

	#describe(): EvidenceRow[] {
		return [describeLife(this.life), ...describeCondition(this.life), ...describeLog(this.#log)];
	}
}
