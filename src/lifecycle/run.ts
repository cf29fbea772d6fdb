/** One life of a daemon, from its launch until nothing is left of it. A restart is another one. */

import { types } from 'node:util';
import {
	DaemonError,
	DaemonExitedError,
	type EvidenceRow,
	type ExitStatus,
	ShutdownCommandError,
	ShutdownTimeoutError,
} from '../errors.ts';
import { hintsForDeath } from '../evidence/exit-hints.ts';
import type { StartupFailure } from '../evidence/startup-failure.ts';
import { NOTHING_TO_END, type TeardownReport } from '../evidence/teardown-failure.ts';
import { describeCondition, describeLife, describeLog, hintsForSignal, type Life } from '../evidence/timeline.ts';
import type { DaemonProcess, Uncaught } from '../launch/daemon-process.ts';
import type { Log } from '../log/log.ts';
import { whenSilent } from '../log/silence.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { isRunning } from '../process/identity.ts';
import { toSignal } from '../process/signals.ts';
import { isDoomed } from '../process/table.ts';
import type { Probe, ProbeResult } from '../readiness/probe.ts';
import { findSurvivors, type SurvivorQuery } from '../survivors/find.ts';
import { isBadEnd } from '../teardown/bad-end.ts';
import { type Asked, rememberAsked } from '../teardown/grace.ts';
import { force, type Leak, stopSurvivors } from '../teardown/ladder.ts';
import { ask, describeRequest, type Request } from '../teardown/request.ts';
import { RequestError } from '../teardown/request-error.ts';
import { signalDaemon } from '../teardown/signal-daemon.ts';
import { now } from '../time/clock.ts';
import { Deadline, settlesWithin, unlessAborted } from '../time/deadline.ts';

/** What a daemon gets to answer its `diagnosticSignal`: until it has been silent for a moment. */
const DIAGNOSIS_MS = { silence: 100, most: 1000 } as const;

/** What a daemon gets to end after a request that failed, such as a client whose connection the daemon has cut. */
const HEARD_MS = 100;
/** What a shutdown program gets to finish when the daemon has ended. */
const AFTERWARDS_MS = 1000;

/** What the options say about a life. */
type LifeOptions = Pick<ResolvedOptions, 'name' | 'killMode' | 'shutdownTimeout'> &
	Partial<Pick<ResolvedOptions, 'diagnosticSignal' | 'inactivityTimeout' | 'successExitCodes'>>;

export class Lifetime {
	readonly launched: DaemonProcess;
	readonly #options: LifeOptions;
	readonly #log: Log | undefined;
	/** Whether it was asked to end; by which signal, if by one. */
	#request: Request | undefined;
	#sigtermAt: number | undefined;
	readonly #launchedAt = now();
	#readyAt: number | undefined;
	#exit: ExitStatus | undefined;
	#isCleared = false;
	#asked: Asked | undefined;

	/** What was wrong with how an earlier life ended, before a restart. */
	#earlierBadEnd: DaemonExitedError | undefined;
	/** An earlier life of which something is left. */
	#previous: Lifetime | undefined;

	constructor(launched: DaemonProcess, options: LifeOptions, log: Log | undefined, previous: Lifetime | undefined) {
		this.launched = launched;
		this.#earlierBadEnd = previous?.takeBadEnd();
		if (previous?.isOver()) void previous.launched.dismiss();
		else this.#previous = previous;
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
		const survivors = () => (this.#family === undefined ? [] : findSurvivors(this.#family));
		return { identity, launchedAt, readyAt, exit, log, survivors };
	}

	isRunning(): boolean {
		return isRunning(this.launched.identity);
	}

	/** It has ended, or is about to, whatever anybody asks of it. */
	isLost(): boolean {
		return !this.isRunning() || isDoomed(this.launched.identity.pid);
	}

	/** What its end means to those who use it. */
	toDeath(exit: ExitStatus): DaemonExitedError {
		const uncaught = this.#uncaughtAt(exit);
		const hints = [...(uncaught?.evidence ?? []), ...hintsForDeath(this.life)];
		const evidence = [describeLife(this.life), ...hints, ...describeLog(this.#log)];
		return new DaemonExitedError(this.#options.name, exit, { evidence, cause: uncaught?.error });
	}

	/** What its JavaScript has thrown, if that ended it. */
	#uncaughtAt({ code, signal }: ExitStatus): Uncaught | undefined {
		return code === 0 || signal !== null ? undefined : this.launched.uncaught();
	}

	/** Resolves when the probe holds, or with the reason why that can no longer be hoped for. */
	async becomeReady(probe: Probe, signal: AbortSignal): Promise<ProbeResult | StartupFailure> {
		const { inactivityTimeout } = this.#options;
		const over = new AbortController();
		const either = AbortSignal.any([signal, over.signal]);
		const exited = async () => {
			const exit = await this.launched.exited;
			return { kind: 'exited', exit, uncaught: this.#uncaughtAt(exit) } as const;
		};
		const silent = async (log: Log, ms: number) => {
			await whenSilent(log, ms, either);
			return { kind: 'silent', ms } as const;
		};
		const ready = probe.wait(either, this.launched.begun, this.launched.executed);
		const waits: Promise<ProbeResult | StartupFailure>[] = [exited(), ready];
		if (this.#log && inactivityTimeout !== undefined) waits.push(silent(this.#log, inactivityTimeout));
		try {
			const result = await Promise.race(waits);
			// The news of its end may still be on the way, behind the news of its last words.
			if (!this.isRunning() || this.launched.isDying()) return await unlessAborted(exited(), signal);
			if (!('kind' in result)) this.#readyAt = now();
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
		const { exited } = this.launched;
		this.#request = request;
		this.#sigtermAt = request.kind === 'signal' && request.signal === 'SIGTERM' ? now() : undefined;
		if (request.kind === 'signal')
			this.#asked = rememberAsked(this.launched, request.signal, request.killMode, shutdownTimeout);
		const deadline = new Deadline(shutdownTimeout);
		const over = new AbortController();
		const asking = ask(this.launched, request, AbortSignal.any([deadline.signal, over.signal]));
		try {
			await unlessAborted(Promise.race([asking.then(() => exited), exited]), deadline.signal);
		} catch (error) {
			// A request may fail and be heard all the same.
			if (await settlesWithin(exited, HEARD_MS)) return;
			if (deadline.signal.aborted) throw this.#toShutdownTimeout(request);
			const message = types.isNativeError(error) ? error.message : String(error);
			const said = error instanceof RequestError ? error.evidence : [];
			throw new ShutdownCommandError(name, `${name} could not be asked to end: ${message}`, {
				evidence: [...said, ...this.#describe()],
				cause: error,
			});
		} finally {
			// The program that has asked may have something to do yet, now that the daemon has ended.
			const asked = Promise.allSettled([asking]);
			await settlesWithin(asked, AFTERWARDS_MS);
			over.abort();
			await asked;
			deadline.clear();
		}
	}

	/** Force where asking was not enough, then the end of whatever survived. */
	async tearDown(asking: Promise<void>): Promise<TeardownReport> {
		const [asked] = await Promise.allSettled([asking]);
		const refusal = asked.status === 'rejected' ? (asked.reason as unknown) : undefined;
		const evidence = refusal === undefined ? [] : await this.#diagnose();
		const forcedBy =
			refusal === undefined ? undefined : await force(this.launched, this.#options.killMode, this.#sigtermAt);
		const earlier = await this.#endPrevious();
		const own = this.#family === undefined ? [] : await stopSurvivors(this.#family, this.#asked);
		const leaks = [...earlier, ...own];
		this.#isCleared = leaks.every(({ endedBy }) => endedBy !== undefined);
		if (refusal !== undefined && !(refusal instanceof DaemonError)) throw refusal;
		const badEnd = refusal === undefined ? this.takeBadEnd() : undefined;
		return { ...NOTHING_TO_END, refusal, forcedBy, badEnd, evidence, leaks };
	}

	/** What was wrong with its end, if it had been asked to end. To be told once. */
	takeBadEnd(): DaemonExitedError | undefined {
		const [request, exit, earlier] = [this.#request, this.#exit, this.#earlierBadEnd];
		[this.#request, this.#earlierBadEnd] = [undefined, undefined];
		if (earlier !== undefined || request === undefined || exit === undefined) return earlier;
		const { name, successExitCodes } = this.#options;
		if (!isBadEnd(exit, request.kind === 'signal' ? request.signal : undefined, successExitCodes)) return undefined;
		const expected = exit.code === null ? [] : [['expected', `exit code ${successExitCodes?.join(' or ')}`] as const];
		const uncaught = this.#uncaughtAt(exit);
		const seen = [describeLife(this.life), ...(uncaught?.evidence ?? []), ...describeLog(this.#log)];
		return new DaemonExitedError(name, exit, {
			evidence: [...expected, ...seen],
			cause: uncaught?.error,
			wasAsked: true,
		});
	}

	async #endPrevious(): Promise<readonly Leak[]> {
		const previous = this.#previous;
		if (previous === undefined) return [];
		this.#previous = undefined;
		const { leaks } = await previous.tearDown(Promise.resolve());
		await previous.launched.dismiss();
		return leaks;
	}

	/** Whether nothing is left of it, nor of what came before. */
	isOver(): boolean {
		if (this.isRunning() || this.#previous?.isOver() === false) return false;
		return this.#isCleared || this.#family === undefined || findSurvivors(this.#family).length === 0;
	}

	get #family(): SurvivorQuery | undefined {
		const { since, marker, isHeld } = this.launched;
		return since && marker ? { since, marker, isHeld: isHeld() } : undefined;
	}

	#toShutdownTimeout(request: Request): ShutdownTimeoutError {
		const { name, shutdownTimeout } = this.#options;
		const what = `did not end within ${shutdownTimeout} ms of ${describeRequest(request)}`;
		const hints = request.kind === 'signal' ? hintsForSignal(this.life, request.signal) : [];
		return new ShutdownTimeoutError(name, what, shutdownTimeout, { evidence: [...hints, ...this.#describe()] });
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
