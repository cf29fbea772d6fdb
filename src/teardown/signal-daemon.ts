/** A signal for a daemon, to its whole group or to it alone. */
import { isRunning, type ProcessIdentity } from '../process/identity.ts';
import { type SignalOutcome, sendSignal } from '../process/signals.ts';
import { readProcess } from '../process/table.ts';

/** What a teardown has to know of a daemon. */
export interface Target {
	readonly identity: ProcessIdentity;
	/** Leader of its group and session; undefined for an adopted daemon. */
	readonly launcher: number | undefined;
	readonly exited: Promise<unknown>;
}

/** Whom a signal reaches: the daemon's process group, or the daemon alone. */
export type KillMode = 'group' | 'process';

/** A process that is stopped (SIGSTOP, SIGTTIN) sees no signal but these before it is continued. */
const NEEDS_NO_SIGCONT = new Set<NodeJS.Signals>(['SIGKILL', 'SIGCONT', 'SIGSTOP', 'SIGTSTP']);

export function signalDaemon(target: Target, signal: NodeJS.Signals, killMode: KillMode): SignalOutcome {
	if (!isRunning(target.identity)) return 'ESRCH';
	const to = killMode === 'group' ? groupOf(target) : target.identity.pid;
	const outcome = sendSignal(to, signal);
	if (outcome === 'sent' && !NEEDS_NO_SIGCONT.has(signal)) sendSignal(to, 'SIGCONT');
	return outcome;
}

/** The group as kill(2) takes it, if it is the launcher's or the daemon's own; one that was joined belongs to others. */
function groupOf({ identity, launcher }: Target): number {
	const pgid = readProcess(identity.pid)?.pgid;
	return pgid === launcher || pgid === identity.pid ? -(pgid ?? identity.pid) : identity.pid;
}
