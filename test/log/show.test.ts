import { expect, test } from 'vitest';
import { describeLines } from '../../src/log/show.ts';

test('binary output is not taken for UTF-16, and neither is no output', () => {
	expect(describeLines(['bin\0ary', 'ready'])).toEqual([
		['log', '| bin\uFFFDary'],
		['log', '| ready'],
	]);
	expect(describeLines([])).toEqual([]);
});

test('text whose every other byte is NUL is said to be UTF-16 before its lines', () => {
	const [first, ...lines] = describeLines(['r\0e\0a\0d\0y\0']);
	expect(first).toEqual(['log', expect.stringMatching(/^every other byte is NUL, as in UTF-16, /)]);
	expect(lines).toHaveLength(1);
});
