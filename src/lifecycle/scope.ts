/** How long a daemon lives, and the resources that go with that. */
import type { EvidenceRow } from '../error-text.ts';
import type { Entry } from '../registry/entry.ts';

/** A daemon of the class `Daemon`: it outlives its caller unless somebody stops it. */
export interface Released {
	readonly kind: 'released';
}

/** A daemon of a helper: it lives no longer than its caller. */
export interface Scoped {
	readonly kind: 'scoped';
	/** Its temporary folder. */
	readonly dir: string;
	/** The log in that folder. The user did not name it, so a change of it does not mean that the daemon is ready. */
	readonly ownLog: string | undefined;
	/** The registry entry, for the reaper if the caller dies. */
	readonly entry: Entry;
	/** The option `signal`, whose abort ends a start. */
	readonly signal: AbortSignal | undefined;
	/** A task of a group is ready when it has exited with code 0. */
	readonly isTask: boolean;
	/** The preparation before the first start, which counts as a part of it. */
	readonly preparation: Preparation;
}

export interface Preparation {
	/** When the preparation began, in ms of `now()`. */
	readonly since: number;
	/** Rows about what took time. */
	readonly evidence: readonly EvidenceRow[];
}

export type Scope = Released | Scoped;

export const RELEASED: Released = { kind: 'released' };

/** Whether it is a task of a group. */
export const isTask = (scope: Scope): boolean => scope.kind === 'scoped' && scope.isTask;
