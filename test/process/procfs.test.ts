import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readHead } from '../../src/process/procfs.ts';
import { temporaryFolder } from '../support/fixtures.ts';

test('the head of a table ends before the first line that is not wanted, however long its lines are', () => {
	const path = join(temporaryFolder(), 'table');
	const lines = [1, 127, 128, 300, 0, 5].map(length => `${'a'.repeat(length)}\n`);
	for (let count = 0; count <= lines.length; count += 1) {
		const head = lines.slice(0, count).join('');
		writeFileSync(path, `${head}b\n${lines.join('')}`);
		expect(readHead(path, line => !line.includes('b'))).toBe(head);
		writeFileSync(path, head);
		expect(readHead(path, () => true)).toBe(head);
	}
});

test('the head of a long table is read in one go, and not from its beginning for each line', {
	timeout: 60_000,
}, () => {
	const path = join(temporaryFolder(), 'table');
	const table = `${'a'.repeat(149)}\n`.repeat(25_000);
	writeFileSync(path, table);
	expect(readHead(path, line => line.startsWith('a'))).toBe(table);
});
