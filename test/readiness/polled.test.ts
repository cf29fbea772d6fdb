import { expect, test } from 'vitest';
import { Pace } from '../../src/readiness/polled.ts';

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
