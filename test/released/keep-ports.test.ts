import { expect, test } from 'vitest';
import { tryLock } from '../../src/lock.ts';
import { lockOfPort } from '../../src/ports/lease.ts';
import { leaseAgain, withPorts } from '../../src/released/keep-ports.ts';
import { freePort } from '../support/ports.ts';

const startupCommand = 'x {port}';
const before = { port: 1, 'ports.a': 2, 'ports.b': 3 };

test('ports that were chosen are fixed ones now, and others stay as they were asked for', () => {
	const udp = { port: 'auto', protocol: 'udp' } as const;
	expect(
		withPorts({ startupCommand, port: 'auto', ports: { a: udp, b: 'auto', c: 'auto', d: 0, e: 9 } }, before),
	).toEqual({ startupCommand, port: 1, ports: { a: { port: 2, protocol: 'udp' }, b: 3, c: 'auto', d: 0, e: 9 } });
	expect(withPorts({ startupCommand, listen: 'auto' }, before)).toEqual({ startupCommand, listen: 1 });
	expect(withPorts({ startupCommand, listen: { a: 'auto', path: '/s' } }, before).listen).toEqual({ a: 2, path: '/s' });
});

test('nobody is handed a port that a restart is about to use again', async () => {
	const port = await freePort();
	const giveBack = await leaseAgain([{ port, protocol: 'udp' }]);
	expect(await tryLock(lockOfPort(port, 'udp'))).toBeUndefined();
	giveBack();
	const release = await tryLock(lockOfPort(port, 'udp'));
	expect(release).toBeDefined();
	release?.();
});
