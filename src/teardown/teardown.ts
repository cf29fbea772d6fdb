/** Ends one run of a daemon: asks it, forces it, and stops whatever is left. The caller and the reaper both use it. */
import { type EvidenceRow, type ExitStatus, messageOf } from '../error-text.ts';
import { DaemonError, ShutdownCommandError, ShutdownTimeoutError } from '../errors.ts';
import { type DaemonProcess, toSurvivorQuery } from '../launch/daemon-process.ts';
import type { Log } from '../log/log.ts';
import { whenSilent } from '../log/silence.ts';
import { isRunning } from '../process/identity.ts';
import { toSignal } from '../process/signals.ts';
import type { Notifications } from '../sockets/notifications.ts';
import { findSurvivors } from '../survivors/find.ts';
import { now } from '../time/clock.ts';
import { Deadline, Part, settlesWithin, unlessAborted } from '../time/deadline.ts';
import { type Asked, rememberAsked } from './grace.ts';
import { force, type Leak, outwait, stopSurvivors } from './ladder.ts';
import { call, describeRequest, type Request, send } from './request.ts';
import { RequestError } from './request-error.ts';
import { type KillMode, signalDaemon } from './signal-daemon.ts';

/**
 * How long a daemon may write after its `diagnosticSignal`: until it is silent for a moment, but not longer than
 * `most`.
 */
const DIAGNOSIS_MS = { silence: 300, most: 2000 } as const;
/**
 * A request may fail and work all the same, such as a client whose connection the daemon closes: then the daemon may
 * take this long to end, also on a busy machine. If it ends as its time runs out, only the news of that is late.
 */
const HEARD_MS = { failed: 1000, late: 100 } as const;
/** How long a shutdown program may go on when the daemon has ended. */
const AFTERWARDS_MS = 1000;

export interface TeardownOptions {
	readonly name: string;
	readonly killMode: KillMode;
	readonly shutdownTimeout: number;
	readonly diagnosticSignal?: NodeJS.Signals | number | undefined;
}

/** Tells a teardown about the daemon, for its errors. */
export interface Witness {
	readonly log: Log | undefined;
	/** What it says about itself, which may extend the time for its shutdown. */
	readonly notifications: Notifications | undefined;
	/** Rows with its state and the end of its log, and hints on why this signal did not end it. */
	describe(signal?: NodeJS.Signals): readonly EvidenceRow[];
}

export interface TeardownOutcome {
	/** Why the request was not enough; undefined if it was. */
	readonly refusal: DaemonError | undefined;
	/** The signal that ended it then; undefined if force was not needed, or if not even SIGKILL ended it. */
	readonly forcedBy: 'SIGTERM' | 'SIGKILL' | undefined;
	/** Evidence about the daemon from before force was used. */
	readonly evidence: readonly EvidenceRow[];
	readonly leaks: readonly Leak[];
}

export class Teardown {
	readonly #process: DaemonProcess;
	readonly #options: TeardownOptions;
	readonly #witness: Witness;
	#request: Request | undefined;
	#asked: Asked | undefined;
	/** When the daemon was sent a SIGTERM, in ms of `now()`. */
	#sigtermAt: number | undefined;
	#isCleared = false;
	/** Whether its end was reported. */
	#hasEnded = false;
	/** Whether a SIGKILL may be this library's, or its user's. */
	#mayBeKilled = false;

	constructor(process: DaemonProcess, options: TeardownOptions, witness: Witness) {
		this.#process = process;
		this.#options = options;
		this.#witness = witness;
	}

	/** How the daemon was asked to end; undefined if it was not. */
	get request(): Request | undefined {
		return this.#request;
	}

	/** Notes that the user has sent the daemon a signal that ends it. */
	noteKill(): void {
		this.#mayBeKilled = true;
	}

	/**
	 * Whether a stranger has killed it while it was asked to end by another signal: between the SIGKILL and the end
	 * there is a moment at which a process looks as if it could still be asked.
	 */
	wasKilledByOthers({ signal }: ExitStatus): boolean {
		const asked = this.#request?.kind === 'signal' ? this.#request.signal : 'SIGKILL';
		return signal === 'SIGKILL' && asked !== 'SIGKILL' && !this.#mayBeKilled;
	}

	/** Whether nothing is left of the daemon. */
	isOver(): boolean {
		if (!this.#hasEnded && isRunning(this.#process.identity)) return false;
		const query = toSurvivorQuery(this.#process);
		return this.#isCleared || query === undefined || findSurvivors(query).length === 0;
	}

	/**
	 * Asks the daemon to end, and resolves when it has.
	 *
	 * @param sentTo the group that another process has sent the signal to, or 0 for the daemon alone: it is not sent
	 * again.
	 * @throws ShutdownTimeoutError, ShutdownCommandError
	 */
	async ask(request: Request, sentTo?: { readonly pgid: number }): Promise<void> {
		const { shutdownTimeout } = this.#options;
		const { exited } = this.#process;
		this.#request = request;
		this.#sigtermAt = request.kind === 'signal' && request.signal === 'SIGTERM' ? now() : undefined;
		const deadline = new Deadline(shutdownTimeout);
		this.#witness.notifications?.heed(deadline);
		let calling: Calling | undefined;
		try {
			if (request.kind === 'signal') {
				const sent = sentTo ?? send(this.#process, request);
				this.#asked = rememberAsked(this.#process, request, sent, shutdownTimeout);
				await unlessAborted(exited, deadline.signal);
			} else {
				const part = new Part(deadline.signal);
				calling = { part, called: call(this.#process, request, part.signal) };
				await unlessAborted(Promise.race([calling.called.then(() => exited), exited]), deadline.signal);
			}
			this.#hasEnded = true;
		} catch (error) {
			// A request may fail although the daemon obeys it.
			if (await settlesWithin(exited, deadline.signal.aborted ? HEARD_MS.late : HEARD_MS.failed)) return;
			throw deadline.signal.aborted ? this.#toTimeout(request, deadline.ms) : this.#toRefusal(error);
		} finally {
			if (calling) await endCall(calling);
			deadline.clear();
		}
	}

	/** Call this before the next start: a server whose wrapper has ended first may not have closed its port yet. */
	async outwaitOthers(): Promise<void> {
		const query = toSurvivorQuery(this.#process);
		if (this.#asked !== undefined && query !== undefined && !isRunning(this.#process.identity))
			await outwait(query, this.#asked);
	}

	/** Uses force if the request was not enough, then stops all survivors. */
	async run(asking: Promise<void>): Promise<TeardownOutcome> {
		const [asked] = await Promise.allSettled([asking]);
		const refusal = asked.status === 'rejected' ? (asked.reason as unknown) : undefined;
		const evidence = refusal === undefined ? [] : await this.#diagnose();
		this.#mayBeKilled ||= refusal !== undefined;
		const forcedBy =
			refusal === undefined ? undefined : await force(this.#process, this.#options.killMode, this.#sigtermAt);
		const query = toSurvivorQuery(this.#process);
		const leaks = query === undefined ? [] : await stopSurvivors(query, this.#asked);
		this.#isCleared = leaks.every(({ endedBy }) => endedBy !== undefined);
		if (refusal !== undefined && !(refusal instanceof DaemonError)) throw refusal;
		return { refusal, forcedBy, evidence, leaks };
	}

	/** Collects evidence before force destroys it, with the daemon's own answer if it has a `diagnosticSignal`. */
	async #diagnose(): Promise<readonly EvidenceRow[]> {
		const signal = toSignal(this.#options.diagnosticSignal ?? '');
		if (signal && signalDaemon(this.#process, signal, 'process').outcome === 'sent') {
			const over = new AbortController();
			const { log } = this.#witness;
			const silence = log ? whenSilent({ log, ms: DIAGNOSIS_MS.silence }, over.signal) : Promise.resolve();
			await settlesWithin(Promise.race([silence, this.#process.exited]), DIAGNOSIS_MS.most);
			over.abort();
		}
		return this.#witness.describe();
	}

	#toTimeout(request: Request, ms: number): ShutdownTimeoutError {
		const { name } = this.#options;
		const what = `did not end within ${ms} ms of ${describeRequest(request)}`;
		const evidence = this.#witness.describe(request.kind === 'signal' ? request.signal : undefined);
		return new ShutdownTimeoutError(name, what, ms, { evidence });
	}

	#toRefusal(error: unknown): ShutdownCommandError {
		const { name } = this.#options;
		const said = error instanceof RequestError ? error.evidence : [];
		return new ShutdownCommandError(name, `${name} could not be asked to end: ${messageOf(error)}`, {
			evidence: [...said, ...this.#witness.describe()],
			cause: error,
		});
	}
}

/** A shutdown program or function that runs. */
interface Calling {
	readonly part: Part;
	readonly called: Promise<void>;
}

/** The shutdown program may still have work to do after the daemon's end. */
async function endCall({ part, called }: Calling): Promise<void> {
	const over = Promise.allSettled([called]);
	await settlesWithin(over, AFTERWARDS_MS);
	part.end();
	await over;
}
