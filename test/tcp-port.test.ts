import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { accepts, isOpen } from '../src/tcp-port.ts';
import { freePort, listenOn, startStranger } from './support/ports.ts';

test.each(['127.0.0.1', '::1', '0.0.0.0', '::'])('a port is open while somebody listens on %s', async host => {
	const port = await freePort();
	expect(await isOpen(port)).toBe(false);
	const server = await listenOn(port, host);
	expect(await isOpen(port)).toBe(true);
	server.close();
	expect(await isOpen(port)).toBe(false);
});

test('a listener on another address does not make a port open', async () => {
	const port = await freePort();
	await listenOn(port, '127.0.0.2');
	expect(await isOpen(port)).toBe(false);
});

test('a port is open although its queue is full and nothing answers', async () => {
	const port = await freePort();
	const stranger = await startStranger(port, '127.0.0.1');
	stranger.kill('SIGSTOP');
	// Linux queues one connection more than the backlog of 511.
	const waiting = Array.from({ length: 512 }, () => connect(port, '127.0.0.1'));
	await Promise.all(waiting.map(socket => once(socket, 'connect')));
	expect(await isOpen(port)).toBe(true);
	for (const socket of waiting) socket.destroy();
});

test('a caller that was too busy to notice a refusal in time does not take it for a connection', async () => {
	const port = await freePort();
	await startStranger(port, '127.0.0.1');
	const isAccepted = accepts('::1', port);
	process.nextTick(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500));
	expect(await isAccepted).toBe(false);
});

test('a listener is not reset by a caller that was too busy to notice the connection in time', async () => {
	const port = await freePort();
	const stranger = await startStranger(port, '127.0.0.1');
	const isAccepted = accepts('127.0.0.1', port);
	// After net.connect() has called connect(2), which it does in a tick of its own.
	process.nextTick(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500));
	expect(await isAccepted).toBe(true);
	expect(await text(connect(port, '127.0.0.1'))).toBe('hello\n');
	expect(stranger.exitCode).toBe(null);
});
