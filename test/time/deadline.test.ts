import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { LONGEST_MS, now } from '../../src/time/clock.ts';
import { Deadline, Part, unlessAborted, whenAborted } from '../../src/time/deadline.ts';

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

describe('a deadline', () => {
	test('is over when its time is, and not before', async () => {
		const before = now();
		const deadline = new Deadline(20);
		expect([deadline.isOver, deadline.signal.aborted]).toEqual([false, false]);
		await whenAborted(deadline.signal);
		expect(deadline.isOver).toBe(true);
		expect(now() - before).toBeGreaterThanOrEqual(20);
	});

	test('that was extended ends later, but not later than twice its time', async () => {
		const before = now();
		const deadline = new Deadline(20);
		deadline.extend(60_000);
		expect(deadline.ms).toBe(40);
		await whenAborted(deadline.signal);
		expect(now() - before).toBeGreaterThanOrEqual(40);
	});

	test('ends with the first other signal, for its reason, and is not over then', () => {
		const [first, second] = [new AbortController(), new AbortController()];
		const deadline = new Deadline(LONGEST_MS, now(), first.signal, second.signal);
		second.abort('enough');
		first.abort('too late');
		expect([deadline.signal.aborted, deadline.signal.reason, deadline.isOver]).toEqual([true, 'enough', false]);
		deadline.clear();
	});

	test('ends at once with a signal that was aborted before', () => {
		const deadline = new Deadline(LONGEST_MS, now(), AbortSignal.abort('enough'));
		expect(deadline.signal.reason).toBe('enough');
		deadline.clear();
	});

	test('that is cleared never ends, and leaves no listener', () => {
		const other = new AbortController();
		const deadline = new Deadline(LONGEST_MS, now(), other.signal);
		expect(listeners(other.signal)).toBe(1);
		deadline.clear();
		expect(listeners(other.signal)).toBe(0);
		other.abort();
		expect(deadline.signal.aborted).toBe(false);
	});
});

test('a part ends with the whole for its reason, or by itself with an AbortError, and leaves no listener', () => {
	const whole = new AbortController();
	const [ended, other] = [new Part(whole.signal), new Part(whole.signal)];
	expect(listeners(whole.signal)).toBe(2);
	ended.end();
	expect([ended.signal.reason.name, other.signal.aborted, listeners(whole.signal)]).toEqual(['AbortError', false, 1]);
	whole.abort('enough');
	expect([other.signal.reason, new Part(whole.signal).signal.reason]).toEqual(['enough', 'enough']);
});

test('work is waited for until the signal aborts; work that is done counts, and no listener is left', async () => {
	const { signal } = new AbortController();
	expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
	await expect(unlessAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
	expect(listeners(signal)).toBe(0);
	const aborted = AbortSignal.abort('enough');
	expect(await unlessAborted(Promise.resolve(1), aborted)).toBe(1);
	await expect(unlessAborted(new Promise(() => {}), aborted)).rejects.toBe('enough');
});
