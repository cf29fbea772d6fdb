/** The types of a group that runs: its members, and the changes of their states. */
import type { DaemonState } from '../lifecycle/state.ts';
import type { Captures, TypedPattern } from '../log/captures.ts';
import type { RunningDaemon } from '../start-daemon.ts';

/** A member that is ready; or that is done, if it is a task: then its state is `stopped`, and its log can be read. */
export type RunningMember<C extends Captures = Captures> = RunningDaemon<C> & {
	/** What it exports, filled in. */
	readonly exports: Readonly<Record<string, string>>;
};

/** The members of a group by their names. */
export type RunningGroup<G> = { readonly [K in keyof G]: RunningMember<CapturesOf<G[K]>> };

type CapturesOf<M> = M extends { readonly lookFor: TypedPattern<infer C> }
	? C
	: M extends { options(...started: never[]): infer O }
		? CapturesOf<O>
		: Captures;

/** A new state of a member of a group. */
export interface MemberChange {
	readonly name: string;
	readonly state: DaemonState;
	/** Undefined if its start has failed before there was one. Until it is ready, it may have no pid, and no log. */
	readonly daemon: RunningDaemon | undefined;
	/** Why it has failed, or what its teardown has found. */
	readonly error?: unknown;
}
