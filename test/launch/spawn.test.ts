import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { type SpawnRequest, spawnProcess } from '../../src/launch/spawn.ts';
import { isGone, ps } from '../support/processes.ts';

const plain = { cwd: '/', env: {}, stdio: ['null', 'null', 'null'] } as const;
const shell = (script: string): SpawnRequest => ({ ...plain, argv: ['/bin/sh', '-c', script] });

test('a process leads its own session, and is held until it is reaped', async () => {
	const spawned = await spawnProcess(shell('exec sleep 1000'));
	expect(ps(spawned.pid, 'sid', 'pgid')).toEqual([String(spawned.pid), String(spawned.pid)]);
	expect(spawned.isHeld()).toBe(true);
	spawned.kill('SIGKILL');
	expect(await spawned.gone).toBe('SIGKILL');
	expect([spawned.isHeld(), isGone(spawned.pid)]).toEqual([false, true]);
});

test('a process that ends by itself has an exit code and no signal', async () => {
	const spawned = await spawnProcess(shell('exit 3'));
	expect(await spawned.gone).toBe(null);
});

test('a descriptor that is a socket works in both directions', async () => {
	const request = { ...shell('read -r word <&3; echo "heard $word" >&3'), stdio: ['null', 'null', 'null', 'socket'] };
	const spawned = await spawnProcess(request as SpawnRequest);
	spawned.socket(3).setEncoding('utf8').write('hello\n');
	expect(await once(spawned.socket(3), 'data')).toEqual(['heard hello\n']);
	await spawned.gone;
});

test('a process that was reaped still tells how it has ended', async () => {
	const spawned = await spawnProcess(shell('kill -9 $$'));
	await vi.waitFor(() => expect(spawned.isHeld()).toBe(false), { timeout: 60_000, interval: 1 });
	expect(await spawned.gone).toBe('SIGKILL');
	expect(await new Promise(resolve => spawned.onGone(resolve))).toBe('SIGKILL');
});

test('a file that cannot be executed causes a system error', async () => {
	const spawning = spawnProcess({ ...plain, argv: ['/no/such/file'] });
	await expect(spawning).rejects.toMatchObject({ code: 'ENOENT', path: '/no/such/file' });
});
