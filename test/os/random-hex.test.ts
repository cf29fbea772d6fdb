import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { randomHex } from '../../src/os/random-hex.ts';

test('has two digits for each byte, and is not the same twice', () => {
	const all = Array.from({ length: 100 }, () => randomHex(8));
	expect(all.filter(hex => !/^[\da-f]{16}$/.test(hex))).toEqual([]);
	expect(new Set(all).size).toBe(100);
});

test('needs no descriptor', () => {
	const code = `
		import { openSync } from 'node:fs';
		const { randomHex } = await import(${JSON.stringify(new URL('../../src/os/random-hex.ts', import.meta.url))});
		try {
			for (;;) openSync('/dev/null', 'r');
		} catch ({ code }) {
			console.log(code, randomHex(8));
		}`;
	const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', code];
	const cwd = fileURLToPath(new URL('../..', import.meta.url));
	const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -n 200 && exec "$@"', 'sh', ...node], { cwd });
	expect(String(stderr)).toBe('');
	expect(String(stdout)).toMatch(/^EMFILE [\da-f]{16}\n$/);
});
