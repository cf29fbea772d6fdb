/** The events of one run of a daemon so far, and the rows about them in an error. */

import { describeExit, type EvidenceRow, type ExitStatus, messageOf } from '../error-text.ts';
import type { Log } from '../log/log.ts';
import { isRunning, type ProcessIdentity } from '../process/identity.ts';
import { readCondition, readDispositions } from '../process/table.ts';
import type { Survivor } from '../survivors/find.ts';
import { now } from '../time/clock.ts';

/** The events of one run of a daemon, in ms of `now()`. */
export class Timeline {
	readonly identity: ProcessIdentity;
	readonly log: Log | undefined;
	/** Looks for the processes that are left of it now. */
	readonly survivors: () => readonly Survivor[];
	readonly launchedAt: number;
	#readyAt: number | undefined;
	/** Undefined until its end was reported. */
	exit: ExitStatus | undefined;

	/**
	 * Construct it right after the launch.
	 *
	 * @param before the timeline of the process that this one has taken over from, or of a launch by another process.
	 */
	constructor(
		identity: ProcessIdentity,
		log: Log | undefined,
		survivors: () => readonly Survivor[],
		before?: Pick<Timeline, 'launchedAt' | 'readyAt'>,
	) {
		this.identity = identity;
		this.log = log;
		this.survivors = survivors;
		this.launchedAt = before?.launchedAt ?? now();
		this.#readyAt = before?.readyAt;
	}

	get readyAt(): number | undefined {
		return this.#readyAt;
	}

	becameReady(): void {
		this.#readyAt = now();
	}
}

/** Such as `4211   running, launched 5000 ms ago, first output after 31 ms`. */
export function describeTimeline({ identity, launchedAt, readyAt, exit, log }: Timeline): EvidenceRow {
	const state = exit ? describeExit(exit) : stateOf(identity);
	const after = (moment: number) => `after ${Math.max(0, Math.round(moment - launchedAt))} ms`;
	const facts = [
		state,
		`launched ${Math.round(now() - launchedAt)} ms ago`,
		...(log?.firstOutputAt === undefined ? [] : [`first output ${after(log.firstOutputAt)}`]),
		...(readyAt === undefined ? [] : [`ready ${after(readyAt)}`]),
	];
	return ['pid', `${identity.pid}   ${facts.join(', ')}`];
}

function stateOf(identity: ProcessIdentity): string {
	try {
		return isRunning(identity) ? 'running' : 'gone';
	} catch (error) {
		// EMFILE, ENFILE: the caller has no descriptor left to read /proc.
		return `in a state that could not be looked at (${String(error)})`;
	}
}

/** Looks up rows. That may fail for lack of descriptors or permissions, which must not hide the other rows. */
export function lookUp(label: string, find: () => readonly EvidenceRow[]): readonly EvidenceRow[] {
	try {
		return find();
	} catch (error) {
		return [[label, `could not be looked at: ${messageOf(error)}`]];
	}
}

/** Rows with the last lines since this start, or with the reason why there are none. */
export function describeLog(log: Log | undefined): readonly EvidenceRow[] {
	return lookUp(
		'log',
		() => log?.evidence() ?? [['log', 'none: there is no `logFile`, or nothing can be read from it']],
	);
}

/**
 * Hints on why a signal did not end the daemon, if that is certain, and on a signal that it handles. Blocking a signal
 * for a moment, as a shell does while it forks, is not a reason.
 */
export function hintsForSignal({ identity }: Timeline, signal: NodeJS.Signals): readonly EvidenceRow[] {
	return lookUp('hint', () => {
		const dispositions = isRunning(identity) ? readDispositions(identity.pid) : undefined;
		if (dispositions === undefined) return [];
		const { ignored, pending, handled } = dispositions;
		const what = ignored.includes(signal) ? 'ignores' : pending.includes(signal) ? 'blocks' : undefined;
		if (what === undefined) return [];
		const other = ENDING.find(name => handled.includes(name) && name !== signal);
		const remedy = other ? `, but handles ${other}: give \`shutdownCommand: '${other}'\`` : '';
		return [['hint', `it ${what} ${signal}${remedy}`]];
	});
}

/** The signals that end daemons, in the order in which one would try them. */
const ENDING: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP'];

/** Rows on why it does not end: state, wait channel, signals and sockets. Call this before force destroys them. */
export function describeCondition({ identity }: Timeline): readonly EvidenceRow[] {
	return lookUp('state', () => (isRunning(identity) ? readCondition(identity.pid) : []));
}
