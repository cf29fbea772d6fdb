import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findSocketHolders } from '../../src/process/sockets.ts';
import { listUnixListeners, parseUnixTable } from '../../src/process/unix-sockets.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

test('a socket that listens is found by its path, and so is the process that holds it', async () => {
	const path = join(temporaryFolder(), 'é x.sock');
	const server = createServer().listen(path);
	onTestFinished(() => void server.close());
	await once(server, 'listening');
	const [found, ...others] = listUnixListeners().filter(socket => socket.path === path);
	expect(others).toEqual([]);
	const inode = String(found?.inode);
	expect(findSocketHolders(new Set([inode]))).toEqual(new Map([[inode, [process.pid]]]));
});

test('sockets that are connected, abstract or without a name do not listen at a path', () => {
	const table = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 11 /run/app.sock
0000000000000000: 00000003 00000000 00000000 0001 03 12 /run/app.sock
0000000000000000: 00000002 00000000 00010000 0001 01 13 @abstract
0000000000000000: 00000002 00000000 00010000 0001 01    14 app.sock
0000000000000000: 00000003 00000000 00000000 0001 03 15
`;
	expect(parseUnixTable(table)).toEqual([
		{ path: '/run/app.sock', inode: '11' },
		{ path: 'app.sock', inode: '14' },
	]);
});
