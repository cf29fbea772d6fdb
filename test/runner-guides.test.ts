/** The samples in the guides to test runners, each file under the name behind its language. */
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { project, runVitest, samplesOf } from './support/projects.ts';

test('the samples of docs/vitest.md are green', { timeout: 240_000 }, async () => {
	const { status, output } = await runVitest(project(samplesOf('vitest.md')), '--testTimeout', '60000');
	expect(output).toContain('Tests  5 passed (5)');
	expect(status).toBe(0);
});

/** With this Node, in which the tests of a guide are no tests of this run. */
async function runNode(folder: string, ...args: readonly string[]): Promise<string> {
	const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_TEST/.test(name));
	const env = Object.fromEntries(inherited);
	const { all } = await execa(process.execPath, args, { cwd: folder, env, extendEnv: false, reject: false, all: true });
	return all;
}

/** A hook that fails is no test that fails. */
const GREEN = /^ok 1 - greets\n(?![\s\S]*^not ok)[\s\S]*\n# fail 0\n/m;

test('the sample of docs/node-test.md is green', { timeout: 240_000 }, async () => {
	const folder = project(samplesOf('node-test.md'));
	expect(await runNode(folder, '--test', '--test-reporter=tap', 'greeter.test.mjs')).toMatch(GREEN);
});

test('the global setup of docs/node-test.md may be torn down twice at once', { timeout: 240_000 }, async () => {
	const run = `import { globalSetup, globalTeardown } from './global-setup.mjs';
		await globalSetup();
		await import('./whole-run.test.mjs');
		(await import('node:test')).after(() => Promise.all([globalTeardown(), globalTeardown()]));`;
	const folder = project({ ...samplesOf('node-test.md'), 'run.mjs': run });
	expect(await runNode(folder, '--test-reporter=tap', 'run.mjs')).toMatch(GREEN);
});

test.skipIf(!process.allowedNodeEnvironmentFlags.has('--test-global-setup'))(
	'the global setup of docs/node-test.md is run by Node (24 or newer)',
	{ timeout: 240_000 },
	async () => {
		const folder = project(samplesOf('node-test.md'));
		const setup = '--test-global-setup=global-setup.mjs';
		expect(await runNode(folder, '--test', '--test-reporter=tap', setup, 'whole-run.test.mjs')).toMatch(GREEN);
	},
);
