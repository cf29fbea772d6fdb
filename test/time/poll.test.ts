import { expect, test } from 'vitest';
import { growingIntervalMs, intervalMs, PART, pollUntil, pollUntilUnref } from '../../src/time/poll.ts';

test('a poll looks every ms at first, every 5 ms after a moment, and every 10 ms after a second', () => {
	expect([0, 49, 50, 999, 1000, 60_000].map(intervalMs)).toEqual([1, 1, 5, 5, 10, 10]);
});

const times = [0, 10, 100, 400, 1000, 4000, Number.POSITIVE_INFINITY];

test.each([
	['a tenth', PART.expensive, [1, 1, 10, 40, 50, 50, 50]],
	['a fiftieth', PART.cheap, [1, 1, 2, 8, 20, 50, 50]],
])('looks that cost more are late by %s, until there is one every 50 ms', (_, part, expected) => {
	expect(times.map(elapsedMs => growingIntervalMs(elapsedMs, part))).toEqual(expected);
});

test('a look costs as much as an expensive one unless it is said to cost less', () => {
	expect(growingIntervalMs(400)).toBe(growingIntervalMs(400, PART.expensive));
});

test.each([
	[PART.expensive, 640],
	[PART.cheap, 800],
])('a wait of 30 s with a part of %d has a bounded number of looks', (part, most) => {
	let looks = 0;
	for (let elapsed = 0; elapsed < 30_000; elapsed += growingIntervalMs(elapsed, part)) looks += 1;
	expect(Math.round(looks / 10) * 10).toBe(most);
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
