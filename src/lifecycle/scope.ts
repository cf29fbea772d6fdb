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
	readonly membership: Membership;
	/** The preparation before the first start, which counts as a part of it. */
	readonly preparation: Preparation;
}

/** What a daemon is in its group, if it has one. */
export interface Membership {
	/** A task is ready when it has exited with code 0. */
	readonly isTask: boolean;
	/**
	 * The variables that it gets from the members on which it depends, as they are: braces in them are not filled in.
	 */
	readonly imports: Readonly<Record<string, string>>;
}

/** The membership of a daemon without a group. */
export const ALONE: Membership = { isTask: false, imports: {} };

export interface Preparation {
	/** When the preparation began, in ms of `now()`. */
	readonly since: number;
	/** Rows about what took time. */
	readonly evidence: readonly EvidenceRow[];
	/** The caller's environment when it asked for the start: it may change while the start waits. */
	readonly env: NodeJS.ProcessEnv;
}

export type Scope = Released | Scoped;

export const RELEASED: Released = { kind: 'released' };

/** Whether it is a task of a group. */
export const isTask = (scope: Scope): boolean => scope.kind === 'scoped' && scope.membership.isTask;
