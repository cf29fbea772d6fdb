/** The facts about a process that every platform provides. */

export interface ProcessInfo {
	readonly pid: number;
	readonly ppid: number;
	/** The process group. */
	readonly pgid: number;
	/** The session; undefined on macOS, which does not show it. */
	readonly sid: number | undefined;
	/** R running, S asleep, D in the kernel, T stopped, Z zombie, X dead (ps(1)). */
	readonly state: string;
	/** Whether it closes its files and frees its memory, which may take a while. */
	readonly isExiting: boolean;
	/** In the platform's own format; the library only compares it. */
	readonly startTime: string;
}

/** A point in the order of process starts, to select everything that was started later. */
export interface StartPoint {
	readonly pid: number;
	/** How many processes and threads the machine had started by then, or shortly before; 0 where nothing counts them. */
	readonly forks: number;
}

/** Before every process: all existing processes were started since. */
export const SINCE_BOOT: StartPoint = { pid: 0, forks: Number.NaN };

/** The processes of the machine at one moment. */
export interface Snapshot {
	readonly processes: readonly ProcessInfo[];
	/** The newest process at that moment; undefined if the platform does not say. */
	readonly until: StartPoint | undefined;
	/** Whether a pid was assigned since a point, also if its process is gone; true if the pid does not tell. */
	mayBeSince(pid: number, point: StartPoint): boolean;
}

/** Something that can be seen of a process from outside. */
export type ConditionRow = readonly [label: string, text: string];

/** The way in which a process treats signals. */
export interface SignalDispositions {
	readonly ignored: readonly NodeJS.Signals[];
	/** The signals that its first thread blocks. */
	readonly blocked: readonly NodeJS.Signals[];
	/** The signals that were sent to it and are pending, as it blocks them. */
	readonly pending: readonly NodeJS.Signals[];
	/** The signals that it has a handler for. */
	readonly handled: readonly NodeJS.Signals[];
}

/** A socket that listens on a TCP port, or that is bound to a UDP port. */
export interface Listener {
	/** Such as `127.0.0.1`; `0.0.0.0` and `::` stand for all addresses. */
	readonly address: string;
	/** The processes that hold the socket, as far as this user may see them; several if it was inherited. */
	readonly pids: readonly number[];
	/** The user who opened it. */
	readonly uid: number | undefined;
	/** The number that Linux gives to the socket; macOS has none. */
	readonly inode?: string;
}
