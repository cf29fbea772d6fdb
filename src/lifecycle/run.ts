/** One run of a daemon: from its launch until nothing is left of it. A restart begins another one. */
import type { EvidenceRow, ExitStatus } from '../error-text.ts';
import { DaemonExitedError, InvalidOptionError, TimeoutError } from '../errors.ts';
import { hintsForDeath } from '../evidence/exit-hints.ts';
import { describeCondition, describeLog, describeTimeline, hintsForSignal, Timeline } from '../evidence/timeline.ts';
import { type DaemonProcess, processesOf } from '../launch/daemon-process.ts';
import type { Log } from '../log/log.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { isLost, isRunning } from '../process/identity.ts';
import type { Notifications } from '../sockets/notifications.ts';
import { isBadEnd } from '../teardown/bad-end.ts';
import { continueProcesses, stopProcesses } from '../teardown/pause.ts';
import { Teardown, type Witness } from '../teardown/teardown.ts';
import { Deadline } from '../time/deadline.ts';

/** A stop needs only the kernel, unless a thread waits for a disk or a network that does not answer. */
const STOP_MS = 5000;

/** Only the parent of a process learns how it ended. */
function unknownExit({ forking }: ResolvedOptions): EvidenceRow {
	const source = forking ? '`forking`' : 'MAINPID';
	return ['exit status', `unknown, as with ${source} the daemon is no child of this library`];
}

/** Where a daemon tells about itself. */
interface Sources {
	readonly log: Log | undefined;
	readonly notifications: Notifications | undefined;
}

export class Run implements Witness {
	readonly process: DaemonProcess;
	readonly timeline: Timeline;
	readonly teardown: Teardown;
	readonly log: Log | undefined;
	readonly notifications: Notifications | undefined;
	readonly #options: ResolvedOptions;
	readonly #wasFollowed: boolean;
	#isEndTold = false;

	/** @param before the timeline of the process from which this one was followed. */
	constructor(process: DaemonProcess, options: ResolvedOptions, { log, notifications }: Sources, before?: Timeline) {
		this.process = process;
		this.timeline = new Timeline(process.identity, log, () => processesOf(process), before);
		this.teardown = new Teardown(process, options, this);
		this.log = log;
		this.notifications = notifications;
		this.#options = options;
		this.#wasFollowed = before !== undefined;
	}

	isRunning(): boolean {
		return this.timeline.exit === undefined && isRunning(this.process.identity);
	}

	/** Whether the daemon has ended, or will certainly end without being asked. */
	isLost(): boolean {
		return this.timeline.exit !== undefined || isLost(this.process.identity);
	}

	describe(signal?: NodeJS.Signals): EvidenceRow[] {
		const hints = signal === undefined ? [] : hintsForSignal(this.timeline, signal);
		const said = this.notifications?.describe() ?? [];
		const seen = [describeTimeline(this.timeline), ...describeCondition(this.timeline), ...said];
		return [...hints, ...seen, ...describeLog(this.log)];
	}

	/** Stops its processes. Returns whether the daemon still exists then. */
	async pause(): Promise<boolean> {
		const { name, killMode } = this.#options;
		const deadline = new Deadline(STOP_MS);
		try {
			const outcome = await stopProcesses(this.process, killMode, deadline.signal);
			if (outcome !== 'EPERM') return this.isRunning();
			throw new InvalidOptionError(name, [`${name} cannot be paused: SIGSTOP may not be sent to it (EPERM).`]);
		} catch (error) {
			if (!deadline.signal.aborted) throw error;
			continueProcesses(this.process);
			throw new TimeoutError(name, `had not stopped ${STOP_MS} ms after SIGSTOP`, STOP_MS, {
				evidence: this.describe(),
			});
		} finally {
			deadline.clear();
		}
	}

	resume(): void {
		continueProcesses(this.process);
	}

	/** The error of an end that nobody has asked for. */
	toDeath(exit: ExitStatus): DaemonExitedError {
		return this.#toExitedError(exit, [], hintsForDeath(this.timeline));
	}

	/** The error of a bad end, if the daemon had been asked to end. It is returned only once. */
	takeBadEnd(): DaemonExitedError | undefined {
		const { request } = this.teardown;
		const { exit } = this.timeline;
		if (this.#isEndTold || request === undefined || exit === undefined) return undefined;
		this.#isEndTold = true;
		const { successExitCodes } = this.#options;
		if (!isBadEnd(exit, request.kind === 'signal' ? request.signal : undefined, successExitCodes)) return undefined;
		return this.#toExitedError(
			exit,
			exit.code === null ? [] : [['expected', `exit code ${successExitCodes?.join(' or ')}`]],
			[],
			true,
		);
	}

	#toExitedError(
		exit: ExitStatus,
		first: readonly EvidenceRow[],
		hints: readonly EvidenceRow[],
		wasAsked = false,
	): DaemonExitedError {
		const uncaught = this.process.uncaughtAt(exit);
		const isUnknown = this.#wasFollowed && exit.code === null && exit.signal === null;
		const status = isUnknown ? [unknownExit(this.#options)] : [];
		const seen = [
			describeTimeline(this.timeline),
			...status,
			...(this.notifications?.describe() ?? []),
			...(uncaught?.evidence ?? []),
			...hints,
			...describeLog(this.log),
		];
		return new DaemonExitedError(this.#options.name, exit, {
			evidence: [...first, ...seen],
			cause: uncaught?.error,
			wasAsked,
		});
	}
}
