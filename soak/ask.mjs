/** Asks a server of the soak as a user would, once. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** For what hangs. */
const LONGEST_MS = 60_000;

/** The body of the answer, or why there is none: `refused`, another errno, or `no answer`. @param {number} port */
export async function ask(port) {
	const socket = connect(port, '127.0.0.1');
	socket.setTimeout(LONGEST_MS, () => socket.destroy(new Error('hangs')));
	socket.write('GET / HTTP/1.0\r\n\r\n');
	try {
		const [, body = ''] = (await text(socket)).split('\r\n\r\n');
		return body.trim() || 'no answer';
	} catch (error) {
		const { code = String(error) } = /** @type {NodeJS.ErrnoException} */ (error);
		return code === 'ECONNREFUSED' ? 'refused' : code;
	}
}
