import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasLibc, loadLibc } from '../../src/native/libc.mjs';
import { readLinks } from '../../src/process/procfs.ts';
import { askForListeners } from '../../src/process/socket-diag.ts';
import { readListeners } from '../../src/process/sockets.ts';
import { freePort, listenOn } from '../support/ports.ts';

describe.skipIf(!hasLibc())('the kernel', () => {
	beforeAll(() => void loadLibc());

	test.each(['127.0.0.1', '::1', '0.0.0.0', '::', '::ffff:127.0.0.1'])(
		'names a socket that listens on %s, as /proc does',
		async host => {
			const port = await freePort();
			expect(askForListeners(port)).toEqual([]);
			await listenOn(port, host);
			const [listener, ...others] = askForListeners(port) ?? [];
			expect(listener).toEqual({ address: host, uid: process.getuid?.(), inode: expect.stringMatching(/^[1-9]\d*$/) });
			expect(others).toEqual([]);
			expect(readListeners(port)).toMatchObject([{ ...listener }]);
		},
	);

	test('is asked without a trace', async () => {
		const port = await freePort();
		const sockets = () => readLinks('/proc/self/fd').filter(link => link.startsWith('socket:')).length;
		const before = sockets();
		askForListeners(port);
		expect(sockets()).toBe(before);
	});

	test('names all listeners of a port, of which it tells in parts, and no connection to them', async () => {
		const port = await freePort();
		const hosts = ['::1', ...Array.from({ length: 100 }, (_, index) => `127.0.0.${index + 1}`)];
		await Promise.all(hosts.map(host => listenOn(port, host)));
		const clients = hosts.slice(0, 3).map(host => connect(port, host));
		await Promise.all(clients.map(client => once(client, 'connect')));
		const addresses = askForListeners(port)?.map(({ address }) => address);
		expect(addresses?.sort()).toEqual(hosts.sort());
		await Promise.all(clients.map(client => text(client)));
	});
});
