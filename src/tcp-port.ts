/** Whether a process listens on a port, which connecting to it shows. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { net } from './builtins.ts';
import { hasCode } from './os/errno.ts';
import { findListeners } from './process/table.ts';
import { nextTurn } from './time/clock.ts';
import { Deadline, unlessAborted } from './time/deadline.ts';

/** On loopback the answer comes at once, unless the listener's queue is full or a firewall drops the packet. */
const ANSWER_MS = 1000;

/** Tries both loopback addresses, as a server may listen on only one of them. */
export async function isOpen(port: number): Promise<boolean> {
	const answers = await Promise.all(['127.0.0.1', '::1'].map(host => accepts(host, port)));
	return answers.includes(true);
}

/** Whether a connection to this address is accepted. */
export async function accepts(host: string, port: number): Promise<boolean> {
	const socket = net().connect({ host, port });
	const deadline = new Deadline(ANSWER_MS);
	try {
		await unlessAborted(once(socket, 'connect'), deadline.signal);
		// If nothing listens, the connection may get this very port as its own and connect to itself (RFC 9293, 3.5).
		const isItself = socket.localPort === port;
		if (isItself) socket.destroy();
		else leave(socket);
		return !isItself;
	} catch (error) {
		// In a busy process the timer comes before the news of a connection, which a destroyed socket would reset.
		if (deadline.signal.aborted) await nextTurn();
		if (deadline.signal.aborted && !socket.connecting && !socket.destroyed) {
			leave(socket);
			return true;
		}
		socket.destroy();
		// The other codes come from a machine without IPv6.
		if (hasCode(error, 'ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH', 'EHOSTUNREACH')) return false;
		// EMFILE: the caller has no descriptor left for a socket, but the one in reserve is enough to read /proc.
		if (deadline.signal.aborted || hasCode(error, 'EMFILE')) return hasListener(host, port);
		throw error;
	} finally {
		deadline.clear();
	}
}

/** Looks into the table of sockets, but not for the processes that have them. */
function hasListener(host: string, port: number): boolean {
	const all = host.includes(':') ? ['::'] : ['0.0.0.0', '::', `::ffff:${host}`];
	return findListeners(port, []).some(({ address }) => address === host || all.includes(address));
}

/** Half-close instead of resetting: some servers greet first or fail on ECONNRESET. */
function leave(socket: Socket): void {
	socket
		.on('error', () => {})
		.unref()
		.resume()
		.end();
}
