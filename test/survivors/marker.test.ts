import { expect, test } from 'vitest';
import { makeMarker, toLimit, toVariable } from '../../src/survivors/marker.ts';

test('the limit of any marker is an exact number, too large to limit anything', () => {
	for (const marker of ['0000000000000000', 'ffffffffffffffff', makeMarker()]) {
		expect(Number.isSafeInteger(toLimit(marker))).toBe(true);
		expect(toLimit(marker)).toBeGreaterThanOrEqual(2 ** 52);
	}
	expect(toLimit('0000000000000fff')).not.toBe(toLimit('0000000000001fff'));
});

test('two markers differ, in both places', () => {
	const [first, second] = [makeMarker(), makeMarker()];
	expect(toVariable(first)).not.toBe(toVariable(second));
	expect(toLimit(first)).not.toBe(toLimit(second));
});
