import { expect, test } from 'vitest';
import { showTime } from '../../src/cli/show-time.ts';

test.each([
	[0, '0 ms'],
	[84.6, '85 ms'],
	[999.6, '1.0 s'],
	[59_949, '59.9 s'],
	[59_960, '1 min'],
	[125_000, '2 min 5 s'],
	[3_600_000, '1 h'],
	[11_460_000, '3 h 11 min'],
	[187_200_000, '2 d 4 h'],
])('%d ms are %s', (ms, shown) => {
	expect(showTime(ms)).toBe(shown);
});
