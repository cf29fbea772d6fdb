/** What it means to be ready. */
import type { Captures } from '../log/captures.ts';

/** One condition of readiness. Its wait is raced against the daemon's exit and the deadline by whoever asks. */
export interface Probe {
	/** A noun phrase for error messages, such as `log line /Ready/`. */
	readonly name: string;
	/**
	 * Resolves when the condition holds, with what was learnt; rejects with the signal's reason when that is aborted.
	 * `begun` resolves when the daemon runs what the user wrote; `executed` resolves when
	 * it is no shell of ours any more.
	 */
	wait(signal: AbortSignal, begun: Promise<void>, executed: () => Promise<void>): Promise<ProbeResult>;
	/** Why it does not hold yet. */
	reason(): string;
}

export interface ProbeResult {
	/** The named groups of a pattern. */
	readonly captures?: Captures;
}
