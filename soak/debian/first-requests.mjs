/** One request in the protocol of each server. Each tells what came back, and tries once only. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** @typedef {import('node:net').NetConnectOpts} Address */

/** @param {number} port @returns {Address} */
export const local = port => ({ port, host: '127.0.0.1' });

/**
 * The first bytes of the answer as latin1; nothing is sent if the server greets.
 *
 * @param {Address} address @param
 * {string} [request]
 */
export async function exchange(address, request = '') {
	const socket = connect(address);
	try {
		socket.write(Buffer.from(request, 'latin1'));
		const [data] = await Promise.race([once(socket, 'data'), once(socket, 'end').then(() => ['nothing, and the end'])]);
		return data.toString('latin1');
	} finally {
		socket.destroy();
	}
}

/** From the status on. @param {number} port @param {string} [path] */
export async function http(port, path = '/') {
	const answer = await exchange(local(port), `GET ${path} HTTP/1.0\r\n\r\n`);
	return answer.replace(/^HTTP\/1\.[01] /, '');
}

/** What a server sends when TLS is agreed upon. @param {number} port */
export async function greetedByTls(port) {
	const socket = connectTls({ ...local(port), rejectUnauthorized: false });
	try {
		return (await once(socket, 'data'))[0].toString('latin1');
	} finally {
		socket.destroy();
	}
}

/** The number of answers to a question for an address, by UDP (RFC 1035). @param {number} port @param {string} name */
export async function dns(port, name) {
	const labels = name.split('.').map(label => String.fromCharCode(label.length) + label);
	const question = `\0\x07\x01\0\0\x01\0\0\0\0\0\0${labels.join('')}\0\0\x01\0\x01`;
	const socket = createSocket('udp4');
	try {
		socket.connect(port, '127.0.0.1');
		await once(socket, 'connect');
		socket.send(Buffer.from(question, 'latin1'));
		const [answer] = await once(socket, 'message');
		return `answers: ${answer.readUInt16BE(6)}`;
	} finally {
		socket.close();
	}
}

/** CONNECT of MQTT 3.1.1: a clean session, no keep-alive, and the client `a`. */
export const MQTT_CONNECT = '\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01a';

/** FCGI_GET_VALUES, which asks for FCGI_MAX_CONNS. */
export const FASTCGI_VALUES = '\x01\x09\0\0\0\x10\0\0\x0e\0FCGI_MAX_CONNS';

/** The start of a session as a user of a database. @param {string} user @param {string} database */
export function postgresqlStartup(user, database) {
	const body = `\0\x03\0\0user\0${user}\0database\0${database}\0\0`;
	return `\0\0\0${String.fromCharCode(body.length + 4)}${body}`;
}
