import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLoader } from '../../src/process/elf.ts';
import { elfFile } from '../support/elf.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';

test.each([
	[64, true],
	[64, false],
	[32, true],
	[32, false],
])('the loader of an executable of %i bits is read, little-endian: %s', (bits, isLittle) => {
	const file = join(temporaryFolder(), 'server');
	writeFileSync(file, elfFile('/lib/ld-none.so.1', { bits, isLittle }));
	expect(readLoader(file)).toBe('/lib/ld-none.so.1');
});

test('a file that is not a Linux executable, or is truncated, has no loader', () => {
	const files = [40, 100].map(length => {
		const file = join(temporaryFolder(), 'server');
		writeFileSync(file, elfFile('').subarray(0, length));
		return file;
	});
	expect([fixture('never-ready.sh'), ...files].map(readLoader)).toEqual([undefined, undefined, undefined]);
});
