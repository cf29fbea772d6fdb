/** The conditions of readiness. */
import type { DaemonProcess } from '../launch/daemon-process.ts';
import type { Captures } from '../log/captures.ts';

/** The daemon as a probe sees it. */
export interface ProbedDaemon {
	/** Its identity, how its processes are found, and how far its launch has got. */
	readonly process: DaemonProcess;
	/** Its ports by their placeholders: `port`, `ports.NAME`. */
	readonly ports: ReadonlyMap<string, number>;
}

/** One condition of readiness. The caller of `wait` races it against the daemon's exit and the deadline. */
export interface Probe {
	/** A noun phrase for error messages, such as `log line /Ready/`. */
	readonly name: string;
	/** Resolves when the condition holds, with its result. Rejects with the signal's reason if the signal is aborted. */
	wait(signal: AbortSignal, daemon: ProbedDaemon): Promise<ProbeResult>;
	/** Why the condition does not hold yet. */
	reason(): string;
}

export interface ProbeResult {
	/** The named groups of a pattern. */
	readonly captures?: Captures;
}
