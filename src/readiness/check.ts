/** A check: what one start makes of a probe. It waits until the condition holds, and knows why it does not hold yet. */
import type { DaemonProcess } from '../launch/daemon-process.ts';
import type { Captures } from '../log/captures.ts';

/** The daemon as a check sees it. */
export interface ProbedDaemon {
	/** Its identity, how its processes are found, and how far its launch has got. Another one may take its place. */
	readonly process: DaemonProcess;
	/** Resolves to its process once that has ended, and no other one has taken its place. */
	readonly ended: Promise<DaemonProcess>;
	/** Its ports by their placeholders: `port`, `ports.NAME`. */
	readonly ports: ReadonlyMap<string, number>;
}

/** The caller of its methods races them against the daemon's exit and the deadline. */
export interface Check {
	/** A noun phrase for error messages, such as `log line /Ready/`. */
	readonly name: string;
	/** Resolves when the condition holds, with its result. Rejects with the signal's reason if the signal is aborted. */
	wait(signal: AbortSignal, daemon: ProbedDaemon): Promise<CheckResult>;
	/** Looks once. A condition that an event announces, and that stays true from then on, cannot be looked at. */
	readonly look?: Look;
	/** Why the condition does not hold yet. */
	reason(): string;
	/** Call this after the end of its waits and looks: resolves when nothing that they have started goes on. */
	over?(): Promise<void>;
}

/** Answers true or the reason why the condition does not hold yet. */
export type Look = (signal: AbortSignal, daemon: ProbedDaemon) => Promise<true | string>;

export interface CheckResult {
	/** The named groups of a pattern. */
	readonly captures?: Captures;
}
