import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { listening, type Probe, responds, socketOpen } from '../../src/index.ts';
import { attach } from '../../src/launch/attach.ts';
import { Pace, polled } from '../../src/readiness/polled.ts';
import { checkOf, thisProcess } from '../support/checks.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { freePort, listenOn } from '../support/ports.ts';
import { onTestFinished } from '../support/this-test.ts';

test('a condition is looked at again after the time that is asked for, until it holds', async () => {
	const asked: number[] = [];
	let looks = 0;
	const nextIn = (elapsedMs: number) => {
		asked.push(elapsedMs);
		return 0;
	};
	const check = polled('x', async () => ++looks > 3 || `look ${looks}`, nextIn);
	expect(check.reason()).toBe('no answer yet');
	expect(await check.wait(new AbortController().signal, thisProcess)).toEqual({});
	expect([looks, asked.length, check.reason()]).toEqual([4, 3, 'look 3']);
	expect(asked).toEqual([...asked].sort((a, b) => a - b));
});

test('a server is asked less often from its first answer on', () => {
	const pace = new Pace();
	const before = [10, 400, 1000].map(elapsedMs => pace.nextIn(elapsedMs));
	pace.hasAnswered = true;
	const since = [1000, 1010, 1100, 9000].map(elapsedMs => pace.nextIn(elapsedMs));
	expect([before, since]).toEqual([
		[1, 8, 20],
		[1, 1, 10, 50],
	]);
});

test('the probes that connect know whether a server has answered', async () => {
	const paces = vi.spyOn(Pace.prototype, 'nextIn');
	onTestFinished(() => paces.mockRestore());
	const server = createServer((_, response) => void response.writeHead(503).end());
	onTestFinished(() => void server.close());
	server.listen(await freePort(), '127.0.0.1');
	await once(server, 'listening');
	const another = { ...thisProcess, process: attach({ pid: process.ppid, startTime: '' }) };
	const hasAnswered = async (probe: Probe) => {
		paces.mockClear();
		const end = new AbortController();
		const waiting = checkOf(probe).wait(end.signal, another);
		await expect.poll(() => paces.mock.contexts.length, { interval: 1, timeout: 60_000 }).toBeGreaterThan(0);
		end.abort();
		await expect(waiting).rejects.toThrow('aborted');
		expect(paces.mock.calls[0]?.[0]).toBeGreaterThan(0);
		return (paces.mock.contexts[0] as Pace).hasAnswered;
	};
	const http = (port: number) => responds(`http://127.0.0.1:${port}/`);
	const { port } = server.address() as AddressInfo;
	const { port: notHttp } = (await listenOn(await freePort(), '127.0.0.1')).address() as AddressInfo;
	const free = await freePort();
	const folder = temporaryFolder();
	const [socket, abandoned] = [join(folder, 'a.sock'), join(folder, 'b.sock')];
	await listenOn(socket);
	const left = await listenOn(join(folder, 'c.sock'));
	// Node removes the socket at its path.
	renameSync(join(folder, 'c.sock'), abandoned);
	left.close();
	const answers = [];
	for (const probe of [http(port), http(notHttp), listening(port), socketOpen(socket)])
		answers.push(await hasAnswered(probe));
	const missing = responds('http://localhost/', { socketPath: join(folder, 'd.sock') });
	for (const probe of [http(free), missing, listening(free), socketOpen(abandoned)])
		answers.push(await hasAnswered(probe));
	expect(answers).toEqual([true, true, true, true, false, false, false, false]);
});
