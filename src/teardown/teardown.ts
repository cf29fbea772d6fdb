/** The end of one run of a daemon: it is asked, then forced, and nothing of it is left. For its caller and the reaper alike. */
import { types } from 'node:util';
import type { EvidenceRow } from '../error-text.ts';
import { DaemonError, ShutdownCommandError, ShutdownTimeoutError } from '../errors.ts';
import { type DaemonProcess, toSurvivorQuery } from '../launch/daemon-process.ts';
import type { Log } from '../log/log.ts';
import { whenSilent } from '../log/silence.ts';
import { isRunning } from '../process/identity.ts';
import { toSignal } from '../process/signals.ts';
import { findSurvivors } from '../survivors/find.ts';
import { now } from '../time/clock.ts';
import { Deadline, settlesWithin, unlessAborted } from '../time/deadline.ts';
import { type Asked, rememberAsked } from './grace.ts';
import { force, type Leak, stopSurvivors } from './ladder.ts';
import { ask, describeRequest, type Request } from './request.ts';
import { RequestError } from './request-error.ts';
import { type KillMode, signalDaemon } from './signal-daemon.ts';

/** What a daemon gets to answer its `diagnosticSignal`: until it has been silent for a moment. */
const DIAGNOSIS_MS = { silence: 100, most: 1000 } as const;
/** What a daemon gets to end after a request that failed, such as a client whose connection the daemon has cut. */
const HEARD_MS = 100;
/** What a shutdown program gets to finish when the daemon has ended. */
const AFTERWARDS_MS = 1000;

export interface TeardownOptions {
	readonly name: string;
	readonly killMode: KillMode;
	readonly shutdownTimeout: number;
	readonly diagnosticSignal?: NodeJS.Signals | number | undefined;
}

/** What can be seen of the daemon, for an error. */
export interface Witness {
	readonly log: Log | undefined;
	/** Its state, its last words; with hints on why this signal did not end it. */
	describe(signal?: NodeJS.Signals): readonly EvidenceRow[];
}

export interface TeardownOutcome {
	/** Why asking was not enough; undefined if it was. */
	readonly refusal: DaemonError | undefined;
	/** What ended it then; undefined if it was not needed, or if not even SIGKILL did. */
	readonly forcedBy: 'SIGTERM' | 'SIGKILL' | undefined;
	/** What was seen of the daemon before force was used. */
	readonly evidence: readonly EvidenceRow[];
	readonly leaks: readonly Leak[];
}

export class Teardown {
	readonly #process: DaemonProcess;
	readonly #options: TeardownOptions;
	readonly #witness: Witness;
	#request: Request | undefined;
	#asked: Asked | undefined;
	/** When it was sent a SIGTERM, in ms of `now()`. */
	#sigtermAt: number | undefined;
	#isCleared = false;

	constructor(process: DaemonProcess, options: TeardownOptions, witness: Witness) {
		this.#process = process;
		this.#options = options;
		this.#witness = witness;
	}

	/** How the daemon was asked to end; undefined if it was not. */
	get request(): Request | undefined {
		return this.#request;
	}

	/** Whether nothing is left of the daemon. */
	isOver(): boolean {
		if (isRunning(this.#process.identity)) return false;
		const query = toSurvivorQuery(this.#process);
		return this.#isCleared || query === undefined || findSurvivors(query).length === 0;
	}

	/**
	 * Asks the daemon to end, and resolves when it has.
	 *
	 * @throws ShutdownTimeoutError, ShutdownCommandError
	 */
	async ask(request: Request): Promise<void> {
		const { shutdownTimeout } = this.#options;
		const { exited } = this.#process;
		this.#request = request;
		this.#sigtermAt = request.kind === 'signal' && request.signal === 'SIGTERM' ? now() : undefined;
		if (request.kind === 'signal')
			this.#asked = rememberAsked(this.#process, request.signal, request.killMode, shutdownTimeout);
		const deadline = new Deadline(shutdownTimeout);
		const over = new AbortController();
		const asking = ask(this.#process, request, AbortSignal.any([deadline.signal, over.signal]));
		try {
			await unlessAborted(Promise.race([asking.then(() => exited), exited]), deadline.signal);
		} catch (error) {
			// A request may fail and be heard all the same.
			if (await settlesWithin(exited, HEARD_MS)) return;
			throw deadline.signal.aborted ? this.#toTimeout(request) : this.#toRefusal(error);
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
	async run(asking: Promise<void>): Promise<TeardownOutcome> {
		const [asked] = await Promise.allSettled([asking]);
		const refusal = asked.status === 'rejected' ? (asked.reason as unknown) : undefined;
		const evidence = refusal === undefined ? [] : await this.#diagnose();
		const forcedBy =
			refusal === undefined ? undefined : await force(this.#process, this.#options.killMode, this.#sigtermAt);
		const query = toSurvivorQuery(this.#process);
		const leaks = query === undefined ? [] : await stopSurvivors(query, this.#asked);
		this.#isCleared = leaks.every(({ endedBy }) => endedBy !== undefined);
		if (refusal !== undefined && !(refusal instanceof DaemonError)) throw refusal;
		return { refusal, forcedBy, evidence, leaks };
	}

	/** What is seen before force destroys it, with the daemon's own words if it has a signal for that. */
	async #diagnose(): Promise<readonly EvidenceRow[]> {
		const signal = toSignal(this.#options.diagnosticSignal ?? '');
		if (signal && signalDaemon(this.#process, signal, 'process') === 'sent') {
			const over = new AbortController();
			const { log } = this.#witness;
			const silence = log ? whenSilent(log, DIAGNOSIS_MS.silence, over.signal) : Promise.resolve();
			await settlesWithin(Promise.race([silence, this.#process.exited]), DIAGNOSIS_MS.most);
			over.abort();
		}
		return this.#witness.describe();
	}

	#toTimeout(request: Request): ShutdownTimeoutError {
		const { name, shutdownTimeout } = this.#options;
		const what = `did not end within ${shutdownTimeout} ms of ${describeRequest(request)}`;
		const evidence = this.#witness.describe(request.kind === 'signal' ? request.signal : undefined);
		return new ShutdownTimeoutError(name, what, shutdownTimeout, { evidence });
	}

	#toRefusal(error: unknown): ShutdownCommandError {
		const { name } = this.#options;
		const message = types.isNativeError(error) ? error.message : String(error);
		const said = error instanceof RequestError ? error.evidence : [];
		return new ShutdownCommandError(name, `${name} could not be asked to end: ${message}`, {
			evidence: [...said, ...this.#witness.describe()],
			cause: error,
		});
	}
}
