/** The names under which vitest hands to the tests what `daemonSetup` tells them, and the types of what users read. */
import type { DaemonGroup, RunningGroup, RunningMember } from '../index.ts';

/** What users read by `inject('daemons')`. */
export const DAEMONS = 'daemons';
export const EXPORTS = 'withdaemon:exports';
export const WHEREABOUTS = 'withdaemon:whereabouts';

/** What tests know of the daemons of a group that `daemonSetup` has started: the type of `inject('daemons')`. */
export type Provided<G extends DaemonGroup> = {
	readonly [K in keyof G]: ProvidedMember<RunningGroup<G>[K], G[K]>;
};

/** The same without the types of a certain group. */
export interface ProvidedDaemon {
	/** Undefined for a task that was not done, as what depends on it was there already. */
	readonly pid: number | undefined;
	readonly port: number | undefined;
	readonly ports: Readonly<Record<string, number>>;
	readonly captures: RunningMember['captures'];
	readonly exports: Readonly<Record<string, string>>;
}

interface ProvidedMember<Running extends { readonly captures: unknown }, Member> {
	readonly pid: number;
	/** Undefined if the daemon has no `port`. */
	readonly port: Member extends { readonly port: string | number } ? number : number | undefined;
	readonly ports: Readonly<Record<string, number>>;
	readonly captures: Running['captures'];
	readonly exports: Readonly<Record<string, string>>;
}
