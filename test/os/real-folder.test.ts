import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { withRealFolder } from '../../src/os/real-folder.ts';
import { temporaryFolder } from '../support/fixtures.ts';

test('a file is known by one path, whichever way leads to its folder, and a missing folder changes nothing', () => {
	const folder = temporaryFolder();
	mkdirSync(join(folder, 'real'));
	symlinkSync('real', join(folder, 'link'));
	expect(withRealFolder(join(folder, 'link', 'file'))).toBe(withRealFolder(join(folder, 'real', 'file')));
	expect(withRealFolder(join(folder, 'missing', 'file'))).toBe(join(folder, 'missing', 'file'));
	expect(basename(withRealFolder(join(folder, 'link')))).toBe('link');
});
