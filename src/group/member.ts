/** The types of a group as users describe it. */
import type { DaemonOptions, MemberOptions } from '../options/options.ts';
import type { RunningDaemon } from '../start-daemon.ts';
import type { MemberChange, RunningGroup } from './running-member.ts';

/** A member of a group: the options of `withDaemon`, and those that only members have. */
export type GroupMember = PlainMember | DependentMember;

export type PlainMember = DaemonOptions & MemberOptions & { readonly options?: undefined };

/** A member whose options are known when those that it depends on are ready. */
export interface DependentMember extends MemberOptions {
	/**
	 * Returns the options of `withDaemon`. It gets the members that this one depends on, directly or not. Declare those
	 * that it uses, as in `({ db }: { db: RunningDaemon }) => …`.
	 */
	options(started: Readonly<Record<string, RunningDaemon>>): DaemonOptions;
	readonly startupCommand?: undefined;
}

/** A record of members by their names. */
export type DaemonGroup = Readonly<Record<string, GroupMember>>;

/** Lets TypeScript refuse options that do not exist, and `dependsOn` of members that do not. */
export type Checked<G> = {
	readonly [K in keyof G]: {
		readonly [O in keyof G[K]]: O extends 'dependsOn'
			? NamesIn<G[K][O], Extract<keyof G, string>>
			: O extends MemberOption
				? G[K][O]
				: never;
	};
};

/** Names that TypeScript cannot see, in a plain string, are left to the check at run time. */
type NamesIn<Given, Name extends string> = string extends (Given extends readonly (infer One)[] ? One : Given)
	? Given
	: Name | readonly Name[] | undefined;

type MemberOption = AnyKey<DaemonOptions> | keyof DependentMember;
type AnyKey<T> = T extends unknown ? keyof T : never;

/** What concerns the group as a whole. */
export interface GroupOptions {
	/**
	 * Ms until every member has to be ready. Absent: only the time limits of the members count, each from its own start.
	 */
	readonly startupTimeout?: number | undefined;
	/** Its abort ends the start or, later, the whole group. So does that of the option `signal` of a member. */
	readonly signal?: AbortSignal | undefined;
	/**
	 * Is called when a member begins its start, is ready (or `stopped`, if it is a task that is done), has failed, begins
	 * its end, and is gone. An error that it throws becomes a process warning.
	 */
	readonly onChange?: ((change: MemberChange) => void) | undefined;
}

/** What a user does with a group. */
export type UseGroup<G extends DaemonGroup, T> = (
	daemons: RunningGroup<G>,
	context: { readonly signal: AbortSignal; readonly exports: Readonly<Record<string, string>> },
) => T | Promise<T>;
