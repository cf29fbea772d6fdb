import { appendFileSync, renameSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasChangedSince, noteRewrite, readPosition } from '../../src/log/position.ts';
import { temporaryFolder } from '../support/fixtures.ts';

/**
 * Whether a write counts as a rewrite that has set the time of the file before the first look, and goes on after it.
 */
function isRewrite(goOn: (path: string) => void): boolean {
	const path = join(temporaryFolder(), 'log');
	writeFileSync(path, 'ready\n');
	const position = readPosition(path);
	utimesSync(path, new Date(), new Date(Date.now() + 1000));
	let looks = 0;
	noteRewrite(position, () => {
		looks += 1;
		if (looks === 2) goOn(path);
		return statSync(path, { throwIfNoEntry: false });
	});
	return position.wasRewritten;
}

test('a line that is just being appended is no rewrite', () => {
	expect(isRewrite(path => appendFileSync(path, 'more\n'))).toBe(false);
});

test('a file that is replaced by another one is not rewritten', () => {
	const replace = (path: string) => {
		renameSync(path, `${path}.1`);
		writeFileSync(path, 'new\n');
	};
	expect(isRewrite(replace)).toBe(false);
});

test('a file that shrinks, or is written to without growing, is rewritten', () => {
	expect(isRewrite(truncateSync)).toBe(true);
	expect(isRewrite(() => {})).toBe(true);
});

test('a log that only came into being has not changed, until something is in it', () => {
	const path = join(temporaryFolder(), 'log');
	const missing = readPosition(path);
	writeFileSync(path, '');
	const empty = readPosition(path);
	expect([missing, empty].map(hasChangedSince)).toEqual([false, false]);
	writeFileSync(path, 'ready\n');
	expect([missing, empty].map(hasChangedSince)).toEqual([true, true]);
});
