import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './support/fixtures.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const samples = [...readme.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

const hasRedis = spawnSync('redis-server', ['--version']).status === 0 || process.env['CI'] !== undefined;

/** The tarball as users get it, made of the build of this run, unpacked into the `node_modules` of an empty project. */
function projectWithTarball(): string {
	const folder = temporaryFolder();
	const [source, project] = [join(folder, 'source'), join(folder, 'project')];
	for (const name of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'])
		cpSync(join(root, name), join(source, name));
	cpSync(String(process.env['WITHDAEMON_TEST_BUILD']), join(source, 'dist'), { recursive: true });
	const npm = ['pack', '--ignore-scripts', '--pack-destination', folder];
	const tarball = execFileSync('npm', npm, {
		cwd: source,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
	}).trim();
	const target = join(project, 'node_modules', 'withdaemon');
	mkdirSync(target, { recursive: true });
	execFileSync('tar', ['-xzf', join(folder, tarball), '-C', target, '--strip-components', '1']);
	// Its dependencies, without asking a registry.
	for (const name of readdirSync(join(root, 'node_modules')).filter(name => !name.startsWith('.')))
		symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
	writeFileSync(join(project, 'package.json'), '{ "type": "module" }\n');
	return project;
}

/** Runs vitest on one file, as a user would, and gives its exit code and all it said. */
function runSample(project: string, code: string): { status: number | null; output: string } {
	writeFileSync(join(project, 'hello.test.ts'), code);
	const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
	const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
	const run = spawnSync(process.execPath, [vitest, 'run', '--root', project], {
		encoding: 'utf8',
		env: { ...env, NO_COLOR: '1' },
	});
	return { status: run.status, output: run.stdout + run.stderr };
}

describe('the packed tarball', () => {
	test('has no fault that publint knows, and holds nothing but the library', async () => {
		const package_ = join(projectWithTarball(), 'node_modules', 'withdaemon');
		const { messages } = await publint({ pkgDir: package_, strict: true });
		expect(messages).toEqual([]);
		expect(new Set(readdirSync(package_))).toEqual(
			new Set(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']),
		);
	});

	test('runs the first sample of the README; the daemon broken, it says what the README shows', {
		timeout: 60_000,
	}, () => {
		const project = projectWithTarball();
		const [sample = '', failure = ''] = samples;
		const green = runSample(project, sample);
		expect(green.output).toContain('1 passed');
		expect(green.status).toBe(0);

		const fault = /`(const code = .*)`:/.exec(readme)?.[1] ?? '';
		const red = runSample(project, sample.replace(/const code = `[\s\S]*?`/, fault));
		expect(red.status).toBe(1);
		const steady = (text: string) =>
			text
				.replace(/\d+ ms/g, 'N ms')
				.replace(/^( +pid +)\d+/gm, '$1N')
				.replace(/ +$/gm, '');
		expect(steady(red.output)).toContain(steady(failure.trimEnd()));
	});

	test.skipIf(!hasRedis)('runs the other samples too (needs redis-server)', { timeout: 60_000 }, () => {
		const project = projectWithTarball();
		const [, scope = '', hooks = ''] = samples.filter(sample => sample.includes('import '));
		const [imports = '', ...body] = scope.split('\n');
		const block = `import { test } from 'vitest';\n${imports}\ntest('block', async () => {${body.join('\n')}});`;
		expect(runSample(project, block).output).toContain('1 passed');
		expect(runSample(project, hooks).output).toContain('2 passed');
	});
});
