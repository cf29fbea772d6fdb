import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { type Release, tryLock } from '../../src/lock.ts';
import { lockOfPort } from '../../src/ports/lease.ts';
import { restartReleased } from '../../src/released/restart.ts';
import { fixture } from '../support/fixtures.ts';
import { releasing } from '../support/released.ts';

test('a restart keeps the ports of the daemon while nothing listens on them', async context => {
	const startupCommand = [process.execPath, fixture('listens.mjs'), '{port}'];
	const group = { api: { startupCommand, port: 'auto', timeout: 300_000 } } as const;
	// Another process starts it, as this one would keep the port for as long as it lives.
	const { folder, run, status } = releasing(context, { 'withdaemon.config.json': group }, tmpdir());
	await run(['start']);
	const { port } = await status('api');
	let taken: Promise<Release | undefined> | undefined;
	const onEnded = () => {
		taken = tryLock(lockOfPort(Number(port), 'tcp'));
	};
	const { signal } = new AbortController();
	const { started } = await restartReleased({ checkout: folder, name: 'api', group, signal, onEnded });
	const release = await taken;
	release?.();
	expect([taken !== undefined, release]).toEqual([true, undefined]);
	expect(started[0]?.released?.record.ports).toEqual({ port });
});
