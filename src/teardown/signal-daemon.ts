/** A signal for a daemon, to its whole group or to it alone. */

import { isRunning, type ProcessIdentity } from '../process/identity.ts';
import type { StartPoint } from '../process/process-info.ts';
import { type SignalOutcome, sendSignal } from '../process/signals.ts';
import { isLiving, listStartedSince, readProcess } from '../process/table.ts';

/** What a teardown has to know of a daemon. */
export interface Target {
	readonly identity: ProcessIdentity;
	/** Leader of its group and session; undefined for an adopted daemon. */
	readonly launcher: number | undefined;
	readonly since: StartPoint | undefined;
	/** What its processes have in their environment; undefined for an adopted daemon. */
	readonly marker: string | undefined;
	readonly exited: Promise<unknown>;
}

/** Whom a signal reaches: the daemon's process group, or the daemon alone. */
export type KillMode = 'group' | 'process';

/** A process that is stopped (SIGSTOP, SIGTTIN) sees no other signal before it is continued. */
const NEEDS_NO_SIGCONT = new Set<NodeJS.Signals>(['SIGKILL', 'SIGCONT', 'SIGSTOP', 'SIGTSTP']);

export function signalDaemon(target: Target, signal: NodeJS.Signals, killMode: KillMode): SignalOutcome {
	if (!isRunning(target.identity)) return 'ESRCH';
	const [first, ...others] = killMode === 'group' ? groupOf(target, signal) : [target.identity.pid];
	const outcome = sendSignal(first, signal);
	for (const other of others) sendSignal(other, signal);
	if (outcome === 'sent' && !NEEDS_NO_SIGCONT.has(signal)) sendSignal(first, 'SIGCONT');
	return outcome;
}

/** As kill(2) takes them. A group is signalled if it is the launcher's or the daemon's own; one it joined is not ours. */
function groupOf({ identity, launcher, since }: Target, signal: NodeJS.Signals): [number, ...number[]] {
	const pgid = readProcess(identity.pid)?.pgid;
	if (pgid === undefined || (pgid !== launcher && pgid !== identity.pid)) return [identity.pid];
	if (since === undefined || pgid !== launcher || signal !== 'SIGKILL') return [-pgid];
	// Each by itself, but for the launcher, which would otherwise not live to tell how the daemon ended.
	const members = listStartedSince(since).processes.filter(facts => facts.pgid === launcher && isLiving(facts));
	const others = members.map(({ pid }) => pid).filter(pid => pid !== identity.pid && pid !== launcher);
	return [identity.pid, ...others];
}
