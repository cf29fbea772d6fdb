/** Sends a signal to a daemon's whole group or to the daemon alone. */

import { isRunning, type ProcessIdentity } from '../process/identity.ts';
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

/** A stopped process (SIGSTOP, SIGTTIN) acts on other signals only when it is continued. */
const NEEDS_NO_SIGCONT = new Set<NodeJS.Signals>(['SIGKILL', 'SIGCONT', 'SIGSTOP', 'SIGTSTP']);

export function signalDaemon(target: Target, signal: NodeJS.Signals, killMode: KillMode): SignalOutcome {
	if (!isRunning(target.identity)) return 'ESRCH';
	const [first, ...others] = killMode === 'group' ? groupOf(target, signal) : [target.identity.pid];
	const outcome = sendSignal(first, signal);
	for (const other of others) sendSignal(other, signal);
	// Between the look at its group and the signal it may have left that, by setsid(2) after a fork.
	const hasLeft = first < 0 && isRunning(target.identity) && readProcess(target.identity.pid)?.pgid !== -first;
	if (hasLeft) sendSignal(target.identity.pid, signal);
	if (outcome === 'sent' && !NEEDS_NO_SIGCONT.has(signal)) sendSignal(first, 'SIGCONT');
	return outcome;
}

/**
 * Targets for kill(2). A group is only signalled if the launcher or the daemon leads it; a group that the daemon joined
 * is not ours.
 */
function groupOf({ identity, launcher, since }: Target, signal: NodeJS.Signals): [number, ...number[]] {
	const pgid = ownGroup({ identity, launcher });
	if (pgid === undefined) return [identity.pid];
	if (since === undefined || pgid !== launcher || signal !== 'SIGKILL') return [-pgid];
	// Each member is signalled by itself, without the launcher, which has to live to report how the daemon ended.
	const members = membersOf({ identity, launcher, since }).map(({ pid }) => pid);
	return [identity.pid, ...members.filter(pid => pid !== identity.pid)];
}

/** The daemon and the other processes of its group, but never the launcher. */
export function membersOf({ identity, launcher, since }: Pick<Target, 'identity' | 'launcher' | 'since'>) {
	const pgid = ownGroup({ identity, launcher });
	const processes = since === undefined ? listProcesses() : listStartedSince(since).processes;
	const isMember = (facts: ProcessInfo) => facts.pid === identity.pid || facts.pgid === pgid;
	return processes.filter(facts => isMember(facts) && facts.pid !== launcher && isLiving(facts));
}

function ownGroup({ identity, launcher }: Pick<Target, 'identity' | 'launcher'>): number | undefined {
	const pgid = readProcess(identity.pid)?.pgid;
	return pgid === launcher || pgid === identity.pid ? pgid : undefined;
}
