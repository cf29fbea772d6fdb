/** The names under which vitest hands to the tests what `daemonSetup` tells them, and the types of what users read. */
import type { DaemonGroup, RunningGroup } from '../index.ts';

/** What users read by `inject('daemons')`. */
export const DAEMONS = 'daemons';
export const EXPORTS = 'withdaemon:exports';
export const WHEREABOUTS = 'withdaemon:whereabouts';

/** What tests know of the daemons of a group that `daemonSetup` has started: the type of `inject('daemons')`. */
export type Provided<G extends DaemonGroup> = { readonly [K in keyof G]: ProvidedDaemon<RunningGroup<G>[K], G[K]> };

interface ProvidedDaemon<Running extends { readonly captures: unknown }, Member> {
	readonly pid: number;
	/** Undefined if the daemon has no `port`. */
	readonly port: Member extends { readonly port: string | number } ? number : number | undefined;
	readonly ports: Readonly<Record<string, number>>;
	readonly captures: Running['captures'];
	readonly exports: Readonly<Record<string, string>>;
}
