/** Stops a daemon's processes until they are continued: a daemon that exists, but does not answer. */
import { isRunning } from '../process/identity.ts';
import { type SignalOutcome, sendSignal } from '../process/signals.ts';
import { isStopped, readProcess } from '../process/table.ts';
import { pollUntil } from '../time/poll.ts';
import { type KillMode, membersOf, signalDaemon, type Target } from './signal-daemon.ts';

/**
 * Resolves when none of them runs any more, or the daemon is gone. Answers `EPERM` if the daemon may not be stopped.
 * The launcher goes on, as it has to report if the daemon is killed meanwhile.
 */
export async function stopProcesses(target: Target, killMode: KillMode, signal: AbortSignal): Promise<SignalOutcome> {
	let outcome: SignalOutcome = 'sent';
	await pollUntil(() => {
		if (!isRunning(target.identity)) return true;
		outcome = sendSignal(target.identity.pid, 'SIGSTOP');
		return outcome === 'EPERM' || !stopMore(target, killMode);
	}, signal);
	return outcome;
}

/**
 * Whether any still ran. A process gets the signal only when its parent has stopped and so starts no more processes. A
 * parent in vfork(2) can only stop once its child has become another program.
 */
function stopMore({ identity, launcher, since }: Target, killMode: KillMode): boolean {
	if (!isStopped(identity.pid)) return true;
	if (killMode === 'process') return false;
	const running = membersOf({ identity, launcher, since }).filter(({ pid }) => !isStopped(pid));
	const first = running.filter(({ ppid }) => !running.some(({ pid }) => pid === ppid));
	for (const { pid } of first) sendSignal(pid, 'SIGSTOP');
	return running.length > 0;
}

/** Lets the daemon's whole group go on. */
export function continueProcesses(target: Target): void {
	signalDaemon(target, 'SIGCONT', 'group');
}

/** A stopped daemon cannot hear anything but a signal. */
export function continueIfStopped(target: Target): void {
	if (readProcess(target.identity.pid)?.state === 'T') continueProcesses(target);
}
