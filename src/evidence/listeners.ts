/** Describes the processes that listen on a port, as rows of an error. */
import { type EvidenceRow, namePort, type Protocol } from '../error-text.ts';
import { printable } from '../printable.ts';
import type { Listener } from '../process/process-info.ts';
import { findListeners, readCommandLine, readProcess, startedAt } from '../process/table.ts';
import { ownSessions } from '../survivors/find.ts';
import { lookUp } from './timeline.ts';

/**
 * One row for each process, such as `4211   redis-server *:6391   listens on 0.0.0.0 and ::, since
 * 2026-11-22T10:04:05.136Z`.
 */
export function describeListeners(port: number, protocol: Protocol = 'tcp'): readonly EvidenceRow[] {
	const label = namePort(port, protocol);
	return lookUp(label, () => {
		const found = new Map<string, Listener[]>();
		for (const listener of findListeners(port, undefined, protocol)) {
			const who = listener.pids.join();
			found.set(who, [...(found.get(who) ?? []), listener]);
		}
		if (found.size === 0) {
			const was = protocol === 'udp' ? 'was bound' : 'accepted a connection';
			return [[label, `${was}, but the process that had it has ended, or cannot be seen from here`]];
		}
		return [...found.values()].map(sockets => [label, describeHolder(sockets, protocol)] as const);
	});
}

/** Describes sockets that belong to the same processes. */
function describeHolder(sockets: readonly Listener[], protocol: Protocol): string {
	const addresses = sockets.map(({ address }) => address).join(' and ');
	const listens = `${protocol === 'udp' ? 'is bound to' : 'listens on'} ${addresses}`;
	const { pids: [pid = 0, ...others] = [], uid } = sockets[0] ?? {};
	const facts = readProcess(pid);
	if (facts === undefined) {
		const who = uid === process.getuid?.() ? 'a process that cannot be seen from here' : "another user's process";
		return `${who} (uid ${uid})   ${listens}`;
	}
	const shared = others.length === 0 ? '' : `, as do ${others.length} others with the same socket`;
	const since = new Date(startedAt(facts)).toISOString();
	const own = ownSessions.get(facts.sid ?? facts.pgid);
	const daemon = own === undefined ? '' : ` (the daemon '${own}' that this process has started and not stopped)`;
	const who = `${pid}${pid === process.pid ? ' (this process)' : daemon}`;
	const command = printable(readCommandLine(pid) ?? '(ended while it was looked at)');
	return `${who}   ${command}   ${listens}, since ${since}${shared}`;
}
