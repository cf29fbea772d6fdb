/** The samples in the guides to test runners, each file under the name behind its language. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { project, runVitest } from './support/projects.ts';

function samplesOf(guide: string): Record<string, string> {
	const text = readFileSync(fileURLToPath(new URL(`../docs/${guide}`, import.meta.url)), 'utf8');
	const blocks = [...text.matchAll(/^```[jt]s (\S+)\n([\s\S]*?)^```$/gm)];
	return Object.fromEntries(blocks.map(([, name = '', code = '']) => [name, code]));
}

test('the samples of docs/vitest.md are green', { timeout: 240_000 }, async () => {
	const { status, output } = await runVitest(project(samplesOf('vitest.md')), '--testTimeout', '60000');
	expect(output).toContain('Tests  5 passed (5)');
	expect(status).toBe(0);
});

test('the sample of docs/node-test.md is green', { timeout: 240_000 }, async () => {
	const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_TEST/.test(name));
	const { stdout } = await execa(process.execPath, ['--test', '--test-reporter=tap', 'greeter.test.mjs'], {
		cwd: project(samplesOf('node-test.md')),
		env: Object.fromEntries(inherited),
		extendEnv: false,
		reject: false,
	});
	expect(stdout).toMatch(/^ok 1 - greets\n[\s\S]*\n# fail 0\n/m);
});
