/** What a platform can say about a process. */

export interface ProcessInfo {
	readonly pid: number;
	readonly ppid: number;
	/** The process group. */
	readonly pgid: number;
	/** The session, where the platform tells. */
	readonly sid: number | undefined;
	/** R running, S asleep, D in the kernel, T stopped, Z zombie, X dead (ps(1)). */
	readonly state: string;
	/** In the platform's own words; only ever compared, never computed with. */
	readonly startTime: string;
}

/** A process as a moment: which others were started after it. */
export interface StartPoint {
	readonly pid: number;
	/** How many processes and threads the machine had started by then, or some time before; 0 where nobody counts. */
	readonly forks: number;
}

/** Before every process: all that there are were started since. */
export const SINCE_BOOT: StartPoint = { pid: 0, forks: Number.NaN };

/** A look at the processes of the machine. */
export interface Look {
	readonly processes: readonly ProcessInfo[];
	/** The newest process of all, then; undefined where nobody tells. */
	readonly until: StartPoint | undefined;
}

/** Something that can be seen of a process from outside: a label and a text. */
export type ConditionRow = readonly [label: string, text: string];

/** What a process does with signals. */
export interface SignalDispositions {
	readonly ignored: readonly NodeJS.Signals[];
	/** By its first thread. */
	readonly blocked: readonly NodeJS.Signals[];
	/** What it was sent, and does not receive because it blocks that. */
	readonly unheard: readonly NodeJS.Signals[];
	/** What it has a handler for. */
	readonly handled: readonly NodeJS.Signals[];
}

/** A socket that listens on a TCP port. */
export interface Listener {
	/** Such as `127.0.0.1`; `0.0.0.0` and `::` are all addresses. */
	readonly address: string;
	/** Whose it is, as far as that can be seen from here: several if it was handed down. */
	readonly pids: readonly number[];
	/** The user who has opened it. */
	readonly uid: number | undefined;
}
