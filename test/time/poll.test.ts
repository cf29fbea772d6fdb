import { expect, test } from 'vitest';
import { growingIntervalMs, intervalMs, pollUntil, pollUntilUnref } from '../../src/time/poll.ts';

test('a poll looks every ms at first, every 5 ms after a moment, and every 10 ms after a second', () => {
	expect([0, 49, 50, 999, 1000, 60_000].map(intervalMs)).toEqual([1, 1, 5, 5, 10, 10]);
});

test('looks that cost more get rarer, until there is one every 50 ms', () => {
	expect([0, 10, 100, 400, 1000, Number.POSITIVE_INFINITY].map(growingIntervalMs)).toEqual([1, 1, 10, 40, 50, 50]);
});

test.each([
	['pollUntil', pollUntil],
	['pollUntilUnref', pollUntilUnref],
])('%s looks until the condition holds, and no further', async (_, poll) => {
	let looks = 0;
	await poll(() => ++looks === 3);
	expect(looks).toBe(3);
});

test('a condition that holds at once is checked once', async () => {
	let looks = 0;
	await pollUntil(() => ++looks > 0, AbortSignal.abort());
	expect(looks).toBe(1);
});

test('a wait ends with the reason of its signal', async () => {
	const reason = new Error('over');
	await expect(pollUntil(() => false, AbortSignal.abort(reason))).rejects.toBe(reason);
});
