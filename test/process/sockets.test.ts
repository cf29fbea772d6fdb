/** Finds the processes that listen, on Linux. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { describeSockets, findListeners, parseTable, readListeners, readListening } from '../../src/process/sockets.ts';
import { firstWords } from '../support/first-words.ts';
import { fixture } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

test('a line of the table is address, port, state, user and inode', () => {
	const v4 =
		'   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0\n';
	expect(parseTable(HEAD + v4)).toEqual([{ address: '127.0.0.1', port: 6379, state: '0A', uid: 1000, inode: '4711' }]);
	const local = [
		`${'0'.repeat(24)}01000000`,
		'0'.repeat(32),
		`${'0'.repeat(16)}FFFF00000100007F`,
		'B80D0120000000000000000001000000',
	];
	const v6 = local.map(hex => `   1: ${hex}:0050 ${'0'.repeat(32)}:0000 01 0:0 0:0 0 65534 0 4712 1 0\n`).join('');
	expect(parseTable(HEAD + v6).map(({ address }) => address)).toEqual(['::1', '::', '::ffff:127.0.0.1', '2001:db8::1']);
	expect(parseTable(HEAD)).toEqual([]);
	expect(parseTable('')).toEqual([]);
});

test('a listener is found with its process, its address and its user, also if that is this process', async () => {
	const own = createServer().listen(0, '::1');
	onTestFinished(() => void own.close());
	await once(own, 'listening');
	const { port } = own.address() as AddressInfo;
	// Somebody else may have the same port on 127.0.0.1.
	expect(findListeners(port).filter(({ address }) => address === '::1')).toEqual([
		{ address: '::1', uid: process.getuid?.(), inode: expect.stringMatching(/^\d+$/), pids: [process.pid] },
	]);

	const other = spawn(process.execPath, [fixture('well-behaved.mjs')]);
	const gone = once(other, 'exit');
	const said = await firstWords(other);
	const [found] = findListeners(Number(/\d+/.exec(said)?.[0]));
	expect(found).toMatchObject({ address: '127.0.0.1', uid: process.getuid?.(), pids: [other.pid] });
	other.kill('SIGKILL');
	await gone;
});

test('each of many listeners is seen, although the kernel gives its table in parts', async () => {
	const servers = Array.from({ length: 60 }, () => createServer().listen(0, '127.0.0.1'));
	onTestFinished(() => {
		for (const server of servers) server.close();
	});
	await Promise.all(servers.map(server => once(server, 'listening')));
	const ports = servers.map(server => (server.address() as AddressInfo).port);
	// Between two parts, others may close sockets, and the kernel may then skip one.
	const missing = () => {
		const seen = describeSockets(process.pid);
		return ports.filter(port => !seen.includes(`listens on port ${port} of 127.0.0.1`));
	};
	await expect.poll(missing).toEqual([]);
});

test('a connection does not count as a listener', async () => {
	// This process may still have sockets of other tests.
	const script = `const server = require('net').createServer(() => {}).listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			require('net').connect(port, '127.0.0.1', function () { console.log(port, this.localPort); });
		});`;
	const other = spawn(process.execPath, ['-e', script]);
	const gone = once(other, 'exit');
	onTestFinished(async () => {
		other.kill('SIGKILL');
		await gone;
	});
	const [port, local] = (await firstWords(other)).trim().split(' ').map(Number);
	const of = (listeners: readonly { address: string }[]) => listeners.map(({ address }) => address);
	const expected = [`listens on port ${port} of 127.0.0.1`, 'open connections: 2'];
	// Between two parts of the table, others may close sockets, and the kernel may then skip one.
	await expect.poll(() => describeSockets(other.pid ?? 0)).toEqual(expected);
	await expect.poll(() => of(readListeners(port ?? 0))).toEqual(['127.0.0.1']);
	expect(of(findListeners(local ?? 0))).toEqual([]);
	const states = new Set(parseTable(readListening('self/net/tcp')).map(({ state }) => state));
	expect(states).toEqual(new Set(['0A']));
});

test('a socket is shown with its address, unless it can be reached everywhere', async () => {
	const script = `const server = require('net').createServer();
		server.listen(0, '0.0.0.0', () => require('net').createServer().listen(0, '::1', function () {
			console.log(server.address().port, this.address().port);
		}));`;
	const other = spawn(process.execPath, ['-e', script]);
	const gone = once(other, 'exit');
	onTestFinished(() => void other.kill('SIGKILL'));
	const [everywhere, loopback] = (await firstWords(other)).trim().split(' ');
	const expected = [`listens on port ${everywhere}`, `listens on port ${loopback} of ::1`];
	// Between two parts of the table, others may close sockets, and the kernel may then skip one.
	await expect.poll(() => describeSockets(other.pid ?? 0)).toEqual(expected);
	other.kill('SIGKILL');
	await gone;
});
