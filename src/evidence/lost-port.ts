/** Finds out whether a daemon died because somebody had taken the port that was chosen for it. */
import type { EvidenceRow } from '../error-text.ts';
import type { DaemonPort } from '../ports/wanted.ts';
import { printable } from '../printable.ts';
import { findListeners } from '../process/table.ts';
import { linesOnBusyPort, portsIn } from './busy-port.ts';
import { describeListeners } from './listeners.ts';
import type { Timeline } from './timeline.ts';

export interface LostPort extends DaemonPort {
	/** Rows about the process that has it, and what the daemon logged about that. */
	readonly evidence: readonly EvidenceRow[];
}

/**
 * Call this when the daemon has ended. Answers only what is certain: that somebody else listens on one of these ports,
 * or that the daemon's log says so. A line without a number counts if the daemon has no other port.
 *
 * @param all the daemon's ports, the chosen ones and the others.
 */
export function findLostPort(
	timeline: Timeline,
	chosen: readonly DaemonPort[],
	all: readonly number[],
): LostPort | undefined {
	if (chosen.length === 0) return undefined;
	try {
		const lines = linesOnBusyPort(timeline);
		const named = lines.length > 0 && portsIn(lines).length === 0 && all.length === 1 ? all : portsIn(lines);
		const lost = chosen.find(one => isForeign(one, timeline)) ?? chosen.find(({ port }) => named.includes(port));
		if (lost === undefined) return undefined;
		const { port, protocol } = lost;
		const holders = findListeners(port, [], protocol).length > 0 ? describeListeners(port, protocol) : [];
		return {
			port,
			protocol,
			evidence: [...holders, ...lines.slice(0, 1).map(line => ['it logged', printable(line)] as const)],
		};
	} catch {
		// EMFILE, ENFILE: nothing can be looked at, so nothing is certain.
		return undefined;
	}
}

/** Whether something listens that is certainly no process of the daemon. Another user's process has no pid here. */
function isForeign({ port, protocol }: DaemonPort, { survivors }: Timeline): boolean {
	const listeners = findListeners(port, undefined, protocol);
	if (listeners.length === 0) return false;
	const own = survivors().map(({ pid }) => pid);
	return own.length === 0 || listeners.some(({ pids }) => pids.length > 0 && !pids.some(pid => own.includes(pid)));
}
