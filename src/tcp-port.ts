/** Whether somebody listens on a port: who connects there, would they be answered? */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { hasCode } from './os/errno.ts';
import { findListeners } from './process/table.ts';
import { Deadline, unlessAborted } from './time/deadline.ts';

/** From itself a machine has the answer at once, unless the listener's queue is full, or a firewall swallows the question. */
const ANSWER_MS = 1000;

/** Asked on both loopback addresses: a server may listen on one of them only. */
export async function isOpen(port: number): Promise<boolean> {
	const answers = await Promise.all(['127.0.0.1', '::1'].map(host => accepts(host, port)));
	return answers.includes(true);
}

async function accepts(host: string, port: number): Promise<boolean> {
	const socket = connect({ host, port });
	const deadline = new Deadline(ANSWER_MS);
	try {
		await unlessAborted(once(socket, 'connect'), deadline.signal);
		// Where nobody listens, a connection may be given this very port as its own, and so meet itself (RFC 9293, 3.5).
		const isItself = socket.localPort === port;
		if (isItself) socket.destroy();
		else leave(socket);
		return !isItself;
	} catch (error) {
		socket.destroy();
		// The others: a machine without IPv6.
		if (hasCode(error, 'ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH', 'EHOSTUNREACH')) return false;
		// EMFILE: the caller has no descriptor left, but one in reserve, to look with.
		if (deadline.signal.aborted || hasCode(error, 'EMFILE')) return findListeners(port).length > 0;
		throw error;
	} finally {
		deadline.clear();
	}
}

/** A stranger may have something to say first, and not bear a reset: it hears that there is nothing to come, and may end. */
function leave(socket: Socket): void {
	socket
		.on('error', () => {})
		.unref()
		.resume()
		.end();
}
