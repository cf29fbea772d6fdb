import { expect, test } from 'vitest';
import { toTable } from '../../src/cli/table.ts';

test('columns are aligned, and a name shows nothing that a terminal would obey', () => {
	expect(
		toTable([
			['NAME', 'STATE'],
			['a\nb\x1b[2J', 'stopped'],
		]),
	).toBe('NAME     STATE\na\uFFFDb\uFFFD[2J  stopped');
});
