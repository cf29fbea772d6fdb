import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { send } from '../../src/readiness/http-request.ts';
import { onTestFinished } from '../support/this-test.ts';

test('1 MiB of a body without end is read, and then the connection is closed', async () => {
	const endless = new Readable({ read: () => void endless.push('x'.repeat(65_536)) });
	const server = createServer((_, response) => void endless.pipe(response)).listen(0, '127.0.0.1');
	onTestFinished(() => server.close());
	await once(server, 'listening');
	const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	const rest = { headers: {}, socketPath: undefined, ca: undefined, rejectUnauthorized: true };
	// ECONNRESET, as the server goes on sending.
	const closed = new Promise(resolve => server.once('connection', socket => socket.once('close', resolve)));
	const { body } = await send({ url, method: 'GET', ...rest }, '127.0.0.1', true, new AbortController().signal);
	expect(body.length).toBe(1_048_576);
	await closed;
});
