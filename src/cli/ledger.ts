/** How far each service has got. Every reporter reads it here. */
import type { DaemonGroup, MemberChange, RunningDaemon } from '../index.ts';
import { printable } from '../printable.ts';
import { now } from '../time/clock.ts';

export interface Row {
	readonly name: string;
	/** The services that have to be ready before it. */
	readonly waitsFor: readonly string[];
	readonly state: 'waiting' | 'done' | MemberChange['state'];
	/** When this state began, in ms of the clock. */
	readonly since: number;
	/** How long the start took, and the stop. */
	readonly readyMs?: number;
	readonly stoppedMs?: number;
	readonly daemon?: RunningDaemon | undefined;
	/** What went wrong, first things first. */
	readonly errors: readonly unknown[];
	/** The last lines of its log, as they were before its folder was removed. */
	readonly log: readonly string[];
}

/** How many lines of a log are kept for a report. */
const MOST_LINES = 500;

export class Ledger {
	readonly #rows: Map<string, Row>;

	constructor(group: DaemonGroup) {
		const since = now();
		this.#rows = new Map(
			Object.entries(group).map(([name, { dependsOn = [] }]) => [
				name,
				{ name, waitsFor: [dependsOn].flat(), state: 'waiting', since, errors: [], log: [] },
			]),
		);
	}

	get rows(): readonly Row[] {
		return [...this.#rows.values()];
	}

	/** The services that `row` still waits for. */
	missingFor(row: Row): string[] {
		return row.waitsFor.filter(name => !['ready', 'done'].includes(this.#rows.get(name)?.state ?? ''));
	}

	/** Notes a change, and returns the row as it is now. */
	note({ name, state, daemon, error }: MemberChange): Row {
		const before = this.#rows.get(name);
		const since = now();
		const took = Math.round(since - (before?.since ?? since));
		// A task is done when it has stopped by itself. If its start was given up, its daemon has failed.
		const isDone = state === 'stopped' && before?.state === 'starting' && daemon?.state === 'stopped';
		const row: Row = {
			...(before ?? { name, waitsFor: [], errors: [], log: [] }),
			state: isDone ? 'done' : state,
			since,
			daemon,
			...(state === 'ready' || isDone ? { readyMs: took } : {}),
			...(before?.state === 'stopping' ? { stoppedMs: took } : {}),
			...(error === undefined ? {} : { errors: [...(before?.errors ?? []), error] }),
		};
		const log = daemon ? lastLines(daemon, MOST_LINES) : [];
		const noted = log.length === 0 ? row : { ...row, log };
		this.#rows.set(name, noted);
		return noted;
	}
}

/** Lines that a terminal can show; none if there is no log, or not any more. */
export function lastLines(daemon: RunningDaemon, count: number): string[] {
	try {
		return daemon.log.tail(count).map(printable);
	} catch {
		// It has no log, or its folder is being removed.
		return [];
	}
}
