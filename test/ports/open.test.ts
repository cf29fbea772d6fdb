import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { findOpen } from '../../src/ports/open.ts';
import { freePort, listenOn } from '../support/ports.ts';
import { onTestFinished } from '../support/this-test.ts';

test('a port is open if something listens there or, with UDP, is bound to it', async () => {
	const tcp = await freePort();
	await listenOn(tcp);
	const socket = createSocket('udp4').bind(0, '127.0.0.1');
	onTestFinished(() => void socket.close());
	await once(socket, 'listening');
	const udp = { port: socket.address().port, protocol: 'udp' } as const;
	const listens = { port: tcp, protocol: 'tcp' } as const;
	const free = { port: await freePort(), protocol: 'tcp' } as const;
	expect(await findOpen([free, listens, udp])).toEqual([listens, udp]);
});
