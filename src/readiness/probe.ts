/** What it means to be ready. */
import type { DaemonProcess } from '../launch/daemon-process.ts';
import type { Captures } from '../log/captures.ts';

/** What a probe may look at. */
export interface ProbedDaemon {
	/** Its identity, what its processes are known by, and how far its launch has come. */
	readonly process: DaemonProcess;
	/** The ports that it has, by their placeholders: `port`, `ports.NAME`. */
	readonly ports: ReadonlyMap<string, number>;
}

/** One condition of readiness. Its wait is raced against the daemon's exit and the deadline by whoever asks. */
export interface Probe {
	/** A noun phrase for error messages, such as `log line /Ready/`. */
	readonly name: string;
	/** Resolves when the condition holds, with what was learnt; rejects with the signal's reason when that is aborted. */
	wait(signal: AbortSignal, daemon: ProbedDaemon): Promise<ProbeResult>;
	/** Why it does not hold yet. */
	reason(): string;
}

export interface ProbeResult {
	/** The named groups of a pattern. */
	readonly captures?: Captures;
}
