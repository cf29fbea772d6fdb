import { beforeAll, describe, expect, test, vi } from 'vitest';
import { FFI_VARIABLE, hasLibc, loadLibc } from '../../src/native/libc.mjs';
import { Glance } from '../../src/readiness/glance.ts';
import { growingIntervalMs, PART } from '../../src/time/poll.ts';
import { freePort, listenOn } from '../support/ports.ts';
import { onTestFinished } from '../support/this-test.ts';

const ELAPSED_MS = 1000;
const BOTH = ['127.0.0.1', '::1'];

/** Whether its next looks are those that cost next to nothing. */
const isCheap = (glance: Glance) => glance.nextIn(ELAPSED_MS) === growingIntervalMs(ELAPSED_MS, PART.question);

describe.skipIf(!hasLibc())('a port', () => {
	beforeAll(() => void loadLibc());

	test('on which nobody listens is tried once, and then only after a while', async () => {
		const glance = new Glance(await freePort(), BOTH);
		expect([glance.isRefused(), glance.isRefused(), isCheap(glance)]).toEqual([false, true, true]);
	});

	test('on which somebody listens is tried, whichever address that is', async () => {
		for (const host of BOTH) {
			const port = await freePort();
			const glance = new Glance(port, BOTH);
			glance.isRefused();
			await listenOn(port, host);
			expect([glance.isRefused(), isCheap(glance)]).toEqual([false, true]);
		}
	});

	test('of a listener that cannot be seen is tried each time', async () => {
		const glance = new Glance(await freePort(), BOTH);
		glance.isRefused();
		glance.wasAccepted();
		expect([glance.isRefused(), glance.isRefused()]).toEqual([false, false]);
	});

	test.each([['without libc'], ['on another address than those of loopback']])('%s is tried each time', async where => {
		if (where === 'without libc') vi.stubEnv(FFI_VARIABLE, 'off');
		onTestFinished(() => void vi.unstubAllEnvs());
		const glance = new Glance(await freePort(), where === 'without libc' ? BOTH : ['127.0.0.1', '192.0.2.1']);
		expect([glance.isRefused(), glance.isRefused(), isCheap(glance)]).toEqual([false, false, false]);
		expect(glance.nextIn(ELAPSED_MS)).toBe(growingIntervalMs(ELAPSED_MS, PART.connection));
	});
});

test('looks get rare again from the first connection that is accepted', async () => {
	const glance = new Glance(await freePort(), BOTH);
	expect(glance.nextIn(60_000)).toBe(50);
	glance.wasAccepted();
	expect(glance.nextIn(60_000)).toBeLessThan(50);
});
