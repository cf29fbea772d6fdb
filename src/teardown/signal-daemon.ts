/** Sends a signal to a daemon's whole group or to the daemon alone. */

import { type ProcessIdentity, readRunning } from '../process/identity.ts';
import type { ProcessInfo, StartPoint } from '../process/process-info.ts';
import { type SignalOutcome, sendSignal } from '../process/signals.ts';
import { isLiving, listProcesses, listStartedSince, readProcess } from '../process/table.ts';

/** A daemon as a teardown needs to know it. */
export interface Target {
	readonly identity: ProcessIdentity;
	/** The leader of its group and session; undefined for an adopted daemon. */
	readonly launcher: number | undefined;
	readonly since: StartPoint | undefined;
	/** The marker that its processes inherit; undefined for an adopted daemon. */
	readonly marker: string | undefined;
	readonly exited: Promise<unknown>;
}

/** The target of a signal: the daemon's process group, or the daemon alone. */
export type KillMode = 'group' | 'process';

/** What became of a signal. */
export interface Sent {
	readonly outcome: SignalOutcome;
	/** The group that it was sent to; 0 for the daemon alone. */
	readonly pgid: number;
}

/** A stopped process (SIGSTOP, SIGTTIN) acts on other signals only when it is continued. */
const NEEDS_NO_SIGCONT = new Set<NodeJS.Signals>(['SIGKILL', 'SIGCONT', 'SIGSTOP', 'SIGTSTP']);

export function signalDaemon(target: Target, signal: NodeJS.Signals, killMode: KillMode): Sent {
	const { identity } = target;
	const facts = readRunning(identity);
	if (facts === undefined) return { outcome: 'ESRCH', pgid: 0 };
	const pgid = killMode === 'group' ? ownGroup(target, facts) : undefined;
	const [first, ...others] = pgid === undefined ? [identity.pid] : groupOf(target, pgid, signal);
	const outcome = sendSignal(first, signal);
	for (const other of others) sendSignal(other, signal);
	// It may have left its group since the look, by setsid(2) after a fork.
	if (first < 0 && (readRunning(identity)?.pgid ?? -first) !== -first) sendSignal(identity.pid, signal);
	if (outcome === 'sent' && !NEEDS_NO_SIGCONT.has(signal)) sendSignal(first, 'SIGCONT');
	return { outcome, pgid: pgid ?? 0 };
}

/** Targets for kill(2). */
function groupOf(target: Target, pgid: number, signal: NodeJS.Signals): [number, ...number[]] {
	const { identity, launcher, since } = target;
	if (since === undefined || pgid !== launcher || signal !== 'SIGKILL') return [-pgid];
	// Each member is signalled by itself, without the launcher, which has to live to report how the daemon ended.
	const members = membersOf(target).map(({ pid }) => pid);
	return [identity.pid, ...members.filter(pid => pid !== identity.pid)];
}

/** The daemon and the other processes of its group, but never the launcher. */
export function membersOf({ identity, launcher, since }: Pick<Target, 'identity' | 'launcher' | 'since'>) {
	const pgid = ownGroup({ identity, launcher }, readProcess(identity.pid));
	const processes = since === undefined ? listProcesses() : listStartedSince(since).processes;
	const isMember = (facts: ProcessInfo) => facts.pid === identity.pid || facts.pgid === pgid;
	return processes.filter(facts => isMember(facts) && facts.pid !== launcher && isLiving(facts));
}

/**
 * A group is only signalled if the launcher or the daemon leads it; a group that the daemon joined is not ours. `facts`
 * are about the daemon.
 */
function ownGroup(
	{ identity, launcher }: Pick<Target, 'identity' | 'launcher'>,
	facts: ProcessInfo | undefined,
): number | undefined {
	const pgid = facts?.pgid;
	return pgid === launcher || pgid === identity.pid ? pgid : undefined;
}
