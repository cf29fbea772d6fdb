import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeServer } from './support/real-servers.ts';

async function run(program: string, ...args: readonly string[]) {
	const path = fileURLToPath(new URL(`../soak/${program}`, import.meta.url));
	const child = spawn(process.execPath, [path, ...args], { stdio: 'pipe' });
	const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
	const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
	return { output: output + errors, code };
}

/** Each run has a new seed, which its first line shows. For more cycles: `npm run soak`. */
test('cycles with faults drawn at random, by callers that end in every way, leave nothing', {
	timeout: 240_000,
}, async () => {
	const { output, code } = await run('soak.mjs', '--cycles', '40', '--callers', '3');
	expect(output).toMatch(/\nleaks 0, unexpected outcomes 0\n$/);
	expect(code).toBe(0);
});

/** Its program that binds ports wins or loses as it happens. For more starts: `npm run soak:ports`. */
describeServer('Perl', ['perl'], () => {
	test('beside a port thief no inherited port is lost, and every other loss is noticed', async () => {
		const { output, code } = await run('ports.mjs', '--starts', '6');
		expect(output).toMatch(/listen: .*\n +starts +6\n +requests +15\n +lost ports +0\n +answered by the daemon +15\n/);
		expect(output).toMatch(/\nunexpected outcomes 0\n$/);
		expect(code).toBe(0);
	});
});
