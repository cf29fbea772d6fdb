/** Leases from a few ports: without the lock, all of them being different would be luck. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tryLock } from '../../src/lock.ts';
import { candidates, chooseCandidate, readEphemeral } from '../../src/ports/ephemeral-range.ts';
import { leasePort } from '../../src/ports/lease.ts';
import { startStayingCaller } from '../support/callers.ts';
import { listenOn, reservePort } from '../support/ports.ts';

const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), 'lease-'));
/** Node 20 does not run TypeScript, and the build of the library does not export this. */
const leases = join(folder, 'lease.js');

beforeAll(async () => {
	const source = fileURLToPath(new URL('../../src/ports/lease.ts', import.meta.url));
	const define = { 'import.meta.url': '__filename' };
	await build({ entryPoints: [source], outfile: leases, bundle: true, format: 'cjs', platform: 'node', define });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Twice as many ports as needed, because other processes may hold some. */
function fewPorts(count = 16) {
	// None of them may be above 65535, or in the range of outgoing connections.
	const firsts = candidates(readEphemeral()).map(({ first, last }) => ({ first, last: last - count + 1 }));
	const first = chooseCandidate(firsts.filter(({ first, last }) => first <= last));
	return { first, last: first + count - 1 };
}

/** Whether another process holds the lease of a port. */
async function isLeased(port: number): Promise<boolean> {
	const release = await tryLock(`port-${port}`);
	release?.();
	return release === undefined;
}

test('each of many leases in one process is a different port', async () => {
	const range = fewPorts(40);
	const leases = await Promise.all(Array.from({ length: 20 }, () => leasePort(signal, [range])));
	expect(new Set(leases.map(({ port }) => port)).size).toBe(20);
	expect(leases.every(({ port }) => port >= range.first && port <= range.last)).toBe(true);
	for (const { release } of leases) release();
});

test.each(['threads', 'cluster'])('each of many callers in one program gets a different port: %s', async how => {
	const { first, last } = fewPorts();
	const caller = startStayingCaller('leases.mjs', [leases, how, String(first), String(last)]);
	const ports: number[] = JSON.parse(await caller.line());
	expect([ports.length, new Set(ports).size]).toEqual([8, 8]);
	await caller.end();
});

test('each of many programs gets a different port', async () => {
	const { first, last } = fewPorts();
	const callers = Array.from({ length: 4 }, () =>
		startStayingCaller('leases.mjs', [leases, 'alone', String(first), String(last)]),
	);
	const ports = (await Promise.all(callers.map(({ line }) => line()))).flatMap(said => JSON.parse(said));
	expect([ports.length, new Set(ports).size]).toEqual([8, 8]);
	await Promise.all(callers.map(({ end }) => end()));
});

describe('a lease ends', () => {
	test('with a caller that is killed', async () => {
		const { first, last } = fewPorts();
		const caller = startStayingCaller('leases.mjs', [leases, 'alone', String(first), String(last)]);
		const ports: number[] = JSON.parse(await caller.line());
		expect(await Promise.all(ports.map(isLeased))).toEqual([true, true]);
		await caller.end('SIGKILL');
		expect(await Promise.all(ports.map(isLeased))).toEqual([false, false]);
	});

	test('with a thread that is terminated', async () => {
		const { first, last } = fewPorts();
		const caller = startStayingCaller('leases.mjs', [leases, 'threads', String(first), String(last)]);
		const ports: number[] = JSON.parse(await caller.line());
		expect(await Promise.all(ports.map(isLeased))).toEqual(Array(8).fill(true));
		caller.child.stdin?.write('\n');
		expect(await caller.line()).toBe('terminated');
		expect(await Promise.all(ports.map(isLeased))).toEqual(Array(8).fill(false));
		await caller.end();
	});

	test('when it is released', async () => {
		const { port, release } = await leasePort(signal);
		expect(await isLeased(port)).toBe(true);
		release();
		expect(await isLeased(port)).toBe(false);
	});
});

test.each(['127.0.0.1', '::1', '0.0.0.0', '::'])(
	'a port on which a stranger listens on %s is not handed out, and no lease of it is kept',
	async host => {
		const { port, free } = await reservePort();
		const stranger = await listenOn(port, host);
		free();
		const only = [{ first: port, last: port }];
		await expect(leasePort(signal, only)).rejects.toThrow('none of 1000 ports');
		expect(await isLeased(port)).toBe(false);
		stranger.close();
		// By then another program may have it for a moment, as the kernel hands out such ports too.
		await vi.waitFor(async () => (await leasePort(signal, only)).release(), { timeout: 60_000 });
	},
);

test('no port is leased after the caller has stopped waiting', async () => {
	const { port, free } = await reservePort();
	free();
	await expect(leasePort(AbortSignal.abort(new Error('over')), [{ first: port, last: port }])).rejects.toThrow('over');
});
