/** Whether a process has a UDP port: without connections, only its sockets and a bind(2) show that. */
import { once } from 'node:events';
import { dgram } from './builtins.ts';
import { hasCode } from './os/errno.ts';
import { findListeners } from './process/table.ts';

/** Whether a process receives on it; a socket that is connected to a single peer does not count. */
export function isBound(port: number): boolean {
	return findListeners(port, [], 'udp').length > 0;
}

/** Whether it can be bound on all addresses at once, so nobody has it on any of them. */
export async function canBind(port: number): Promise<boolean> {
	// On a machine with IPv6, `::` stands for the addresses of IPv4, too.
	return (await tryBind('udp6', '::', port)) ?? (await tryBind('udp4', '0.0.0.0', port)) ?? false;
}

/** Undefined if the machine has no such addresses. */
async function tryBind(type: 'udp4' | 'udp6', address: string, port: number): Promise<boolean | undefined> {
	const socket = dgram().createSocket(type);
	try {
		// Exclusive: otherwise a cluster's primary would bind for its workers.
		socket.bind({ address, port, exclusive: true });
		await once(socket, 'listening');
		return true;
	} catch (error) {
		if (hasCode(error, 'EADDRINUSE')) return false;
		if (hasCode(error, 'EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL')) return undefined;
		throw error;
	} finally {
		socket.close();
	}
}
