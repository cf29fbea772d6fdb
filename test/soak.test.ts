import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const soak = fileURLToPath(new URL('../soak/soak.mjs', import.meta.url));

/** Each run has a new seed, which its first line shows. For more cycles: `npm run soak`. */
test('cycles with faults drawn at random, by callers that end in every way, leave nothing', {
	timeout: 240_000,
}, async () => {
	const child = spawn(process.execPath, [soak, '--cycles', '40', '--callers', '3'], { stdio: 'pipe' });
	const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
	const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
	expect(output + errors).toMatch(/\nleaks 0, unexpected outcomes 0\n$/);
	expect(code).toBe(0);
});
