/** How long a daemon lives, and what it has of its own because of that. */
import type { EvidenceRow } from '../error-text.ts';
import type { Entry } from '../registry/entry.ts';

/** Outlives its caller unless somebody stops it: what `Daemon` starts. */
export interface Released {
	readonly kind: 'released';
}

/** Lives no longer than its caller: what the helpers start. */
export interface Scoped {
	readonly kind: 'scoped';
	/** Its temporary folder. */
	readonly dir: string;
	/** The log in that folder that nobody asked for: nobody said that the daemon writes there, so a change of it says nothing. */
	readonly ownLog: string | undefined;
	/** Where is noted what the reaper has to clean up if the caller dies. */
	readonly entry: Entry;
	/** Its abort ends a start. */
	readonly signal: AbortSignal | undefined;
	/** What came before the first start, and counts as a part of it. */
	readonly preparation: Preparation;
}

export interface Preparation {
	/** When it began, in ms of `now()`. */
	readonly since: number;
	/** What took its time. */
	readonly evidence: readonly EvidenceRow[];
}

export type Scope = Released | Scoped;

export const RELEASED: Released = { kind: 'released' };
