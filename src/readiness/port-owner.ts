/** Tells whether the daemon listens on a port, or a stranger whose answers say nothing about the daemon. */
import { net } from '../builtins.ts';
import type { Protocol } from '../error-text.ts';
import { processesOf } from '../launch/daemon-process.ts';
import { printable } from '../printable.ts';
import type { Listener } from '../process/process-info.ts';
import { findListeners, readCommandLine, readOwner, readProcess, readWorkingFolder } from '../process/table.ts';
import { ownSessions } from '../survivors/find.ts';
import type { ProbedDaemon } from './check.ts';

/**
 * The address at which a connection to this one arrives: a server that listens on all of them is reached on loopback.
 */
export function arrivesAt(host: string): string {
	const family = net().isIP(host);
	// The zone of a link-local address is not a part of it.
	if (family === 0 || host.includes('%')) return host;
	const { address } = new (net().SocketAddress)({ address: host, family: family === 6 ? 'ipv6' : 'ipv4' });
	if (address === '0.0.0.0') return '127.0.0.1';
	return address === '::' ? '::1' : address.replace('::ffff:', '');
}

/** Whether the daemon serves each of these addresses. Its own process comes first, as it is the usual listener. */
export function isOwn(
	port: number,
	hosts: readonly string[],
	daemon: ProbedDaemon,
	protocol: Protocol = 'tcp',
): boolean {
	const serves = (pids: readonly number[]) => {
		const listeners = findListeners(port, pids, protocol);
		return hosts.every(host => servers(listeners, host).some(listener => isHeldBy(listener, pids)));
	};
	return serves([daemon.process.identity.pid]) || serves(pidsOf(daemon));
}

function pidsOf({ process }: ProbedDaemon): readonly number[] {
	return [process.identity.pid, ...processesOf(process).map(({ pid }) => pid)];
}

/** Whether a UDP socket gets what is sent to this address. */
export function isBoundTo(host: string, port: number): boolean {
	return servers(findListeners(port, [], 'udp'), host).length > 0;
}

/**
 * The sockets to which the system gives a connection, or a datagram, to this address: a more specific one gets it
 * first.
 */
function servers(listeners: readonly Listener[], host: string): readonly Listener[] {
	const exact = listeners.filter(({ address }) => address === host || address === `::ffff:${host}`);
	if (exact.length > 0) return exact;
	return listeners.filter(({ address }) => address === '::' || (address === '0.0.0.0' && !host.includes(':')));
}

/**
 * The descriptors of another user's process are hidden. If the daemon changed its user, as sudo(8) does, the user of
 * the socket is all that can be compared.
 */
function isHeldBy({ pids, uid }: Listener, own: readonly number[]): boolean {
	if (pids.some(pid => own.includes(pid))) return true;
	return pids.length === 0 && uid !== process.getuid?.() && own.some(pid => readOwner(pid) === uid);
}

/** Looks at all processes, so it is for errors only. The daemon may listen too, on another address. */
export function describeForeign(port: number, daemon: ProbedDaemon, protocol: Protocol = 'tcp'): string {
	const own = pidsOf(daemon);
	const listening = findListeners(port, undefined, protocol).flatMap(({ pids }) => pids);
	return describeForeigner(listening.find(pid => !own.includes(pid)));
}

/** Says that a process listens which is not the daemon's, and which one, unless that is hidden. */
export function describeForeigner(pid: number | undefined): string {
	if (pid === undefined) return 'a process that cannot be seen from here listens there, and not the daemon';
	const facts = readProcess(pid);
	const name = ownSessions.get(facts?.sid ?? facts?.pgid ?? 0);
	const who = `${pid}${name === undefined ? '' : ` of the daemon '${name}'`}`;
	const what = `${readCommandLine(pid) ?? 'unknown'}, in ${readWorkingFolder(pid) ?? 'an unknown folder'}`;
	return printable(`the process that listens there is not the daemon's: ${who} (${what})`);
}
