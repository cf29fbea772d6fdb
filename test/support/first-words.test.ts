import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { firstWords } from './first-words.ts';

test('the first words of a process are returned, and one that ends without any is an error with its last words', async () => {
	expect(await firstWords(spawn('sh', ['-c', 'echo ready, and more']))).toBe('ready, and more\n');
	await expect(firstWords(spawn('sh', ['-c', 'echo no such table >&2']))).rejects.toThrow(
		'sh -c echo no such table >&2 has ended without a word. no such table',
	);
});
