import { expect, test } from 'vitest';
import { countLines } from '../../src/log/count-lines.ts';

test('newlines are counted, and no other bytes, wherever the piece begins and ends', () => {
	// 0x8a and 0x0b differ from a newline in one bit, 0x00 and 0xff are what others become.
	const pattern = [0x0a, 0x8a, 0x0b, 0x00, 0xff, 0x0a, 0x0a, 0x7f, 0x80, 0x09, 0xf5];
	const bytes = Uint8Array.from(
		{ length: 4000 },
		(_, index) => pattern[(index * 7 + (index >> 5)) % pattern.length] ?? 0,
	);
	for (let from = 0; from < 5; from++)
		for (const to of [from, from + 1, from + 3, from + 20, from + 1100, 3999, 4000]) {
			const piece = bytes.subarray(from, to);
			expect([from, to, countLines(piece)]).toEqual([from, to, piece.filter(byte => byte === 0x0a).length]);
		}
	expect(countLines(new Uint8Array(5000).fill(0x0a))).toBe(5000);
	expect(countLines(new Uint8Array(5000).fill(0xff))).toBe(0);
});
