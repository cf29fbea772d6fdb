import { expect, test } from 'vitest';
import { pollUntil, pollUntilUnref } from '../../src/time/poll.ts';

/** The usual pause between two looks that nothing delayed: at first, in the first second, and later. */
async function usualPauses(poll: (check: () => boolean) => Promise<void>): Promise<number[]> {
	const looks: number[] = [];
	await poll(() => looks.push(performance.now()) > 1 && sinceFirst(looks) > 1100);
	return [
		[0, 50],
		[50, 1000],
		[1000, Number.POSITIVE_INFINITY],
	].map(([from = 0, to = 0]) => {
		const inPhase = looks.filter(look => look - (looks[0] ?? 0) >= from && look - (looks[0] ?? 0) < to);
		const pauses = inPhase.slice(1).map((look, index) => look - (inPhase[index] ?? 0));
		return pauses.toSorted((a, b) => a - b)[Math.floor(pauses.length / 4)] ?? 0;
	});
}

const sinceFirst = (looks: readonly number[]) => (looks.at(-1) ?? 0) - (looks[0] ?? 0);

/** On a busy machine, other processes can delay the looks so much that the pauses say nothing. */
const RETRIED = { retry: 5 };

test.each([
	['pollUntil', pollUntil],
	['pollUntilUnref', pollUntilUnref],
])('%s looks eagerly at first, less often after a moment, and least often after a second', RETRIED, async (_, poll) => {
	const [eager = 0, usual = 0, patient = 0] = await usualPauses(poll);
	expect(usual / eager).toBeGreaterThan(2);
	expect(patient / usual).toBeGreaterThan(1.5);
	expect(patient / eager).toBeLessThan(20);
});

test('a condition that holds at once is checked once', async () => {
	let looks = 0;
	await pollUntil(() => ++looks > 0, AbortSignal.abort());
	expect(looks).toBe(1);
});
