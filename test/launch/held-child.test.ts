import { expect, test, vi } from 'vitest';
import { HeldChild } from '../../src/launch/held-child.ts';
import type { SpawningLibc } from '../../src/native/posix-spawn.mjs';
import { nextTurn } from '../../src/time/clock.ts';

/** wait(2): a signal has ended the process, which then has dumped core. Not every machine allows that. */
const DUMPED_CORE = 0x80;
const SIGABRT = 6;

test('a child that has dumped core has its signal, and the wait for its end is over', async () => {
	const waitpid = (pid: number, status: Uint8Array) => {
		Buffer.from(status.buffer).writeInt32LE(DUMPED_CORE | SIGABRT);
		return pid;
	};
	const child = new HeldChild({ waitpid } as unknown as SpawningLibc, 4_194_304);
	const onGone = vi.fn();
	child.onGone(onGone);
	expect(child.isHeld()).toBe(true);
	await child.reapSoon();
	expect([child.isHeld(), onGone.mock.calls]).toEqual([false, [['SIGABRT']]]);
});

test('a child whose end takes a few turns of the event loop is reaped without a timer', async () => {
	let looks = 0;
	const waitpid = (pid: number) => (++looks === 20 ? pid : 0);
	const child = new HeldChild({ waitpid } as unknown as SpawningLibc, 4_194_304);
	const reaped = child.reapSoon();
	for (let turn = 1; turn <= 20; turn += 1) await nextTurn();
	expect(child.isHeld()).toBe(false);
	await reaped;
});
