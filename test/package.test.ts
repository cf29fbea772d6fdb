import { execFileSync, spawnSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { beforeAll, describe, expect, test } from 'vitest';
import { linkPackages } from './setup/install.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const samples = [...readme.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

const hasRedis = spawnSync('redis-server', ['--version']).status === 0 || process.env['CI'] !== undefined;

let folder = '';
let tarball = '';
let modules = '';
/** The folder of the installed package. */
let package_ = '';

/** The tarball as users get it, made from the build of this run. */
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'package-'));
	const source = join(folder, 'source');
	for (const name of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'llms.txt', 'docs'])
		cpSync(join(root, name), join(source, name), { recursive: true });
	cpSync(String(process.env['WITHDAEMON_TEST_PUBLISHED']), join(source, 'dist'), { recursive: true });
	const npm = ['pack', '--ignore-scripts', '--pack-destination', folder];
	const stdio = ['ignore', 'pipe', 'ignore'] as const;
	tarball = join(folder, execFileSync('npm', npm, { cwd: source, encoding: 'utf8', stdio: [...stdio] }).trim());
	modules = join(folder, 'installed', 'node_modules');
	package_ = install();
	return () => rmSync(folder, { recursive: true });
}, 240_000);

/** Unpacks the tarball beside the packages that it needs, and returns its folder: no registry is asked. */
function install(): string {
	const library = join(modules, 'withdaemon');
	mkdirSync(library, { recursive: true });
	execFileSync('tar', ['-xzf', tarball, '-C', library, '--strip-components', '1']);
	linkPackages(join(root, 'node_modules'), modules);
	return library;
}

/** A project that has installed the tarball, with the server that the samples start. */
function newProject(): string {
	const project = mkdtempSync(join(folder, 'project-'));
	symlinkSync(modules, join(project, 'node_modules'));
	writeFileSync(join(project, 'package.json'), '{ "type": "module", "scripts": { "dev": "node server.js" } }\n');
	const server = `import { createServer } from 'node:http';
		const server = createServer((request, response) => response.end('hello'));
		server.listen(process.env.PORT, '127.0.0.1', () => console.log('listening'));`;
	writeFileSync(join(project, 'server.js'), server);
	return project;
}

/** Runs vitest on files with this code, as a user would, and returns its exit code and its whole output. */
function runSamples(project: string, ...codes: readonly string[]): { status: number | null; output: string } {
	for (const [index, code] of codes.entries())
		writeFileSync(join(project, index === 0 ? 'hello.test.ts' : `hello-${index}.test.ts`), code);
	const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
	const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
	// One worker for all samples: a process for each of them would show nothing more.
	const args = ['--root', project, '--no-isolate', '--maxWorkers=1', '--test-timeout=60000'];
	const run = spawnSync(process.execPath, [vitest, 'run', ...args], {
		cwd: project,
		encoding: 'utf8',
		env: { ...env, NO_COLOR: '1' },
	});
	return { status: run.status, output: run.stdout + run.stderr };
}

describe('the packed tarball', () => {
	test('has no fault that publint knows, and holds nothing but the library', async () => {
		const { messages } = await publint({ pkgDir: package_, strict: true });
		expect(messages).toEqual([]);
		expect(new Set(readdirSync(package_))).toEqual(
			new Set(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'llms.txt', 'package.json']),
		);
	});

	test('has every file that its documents link to', () => {
		const inDocs = readdirSync(join(package_, 'docs'), { recursive: true, encoding: 'utf8' });
		const pages = inDocs.filter(name => name.endsWith('.md')).map(name => `docs/${name}`);
		const documents = ['README.md', 'llms.txt', ...pages];
		const links = documents.flatMap(document =>
			[...readFileSync(join(package_, document), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) =>
				join(document, '..', link),
			),
		);
		const inProse = [...readme.matchAll(/`(docs\/[\w.-]+)`/g)].map(([, path = '']) => path);
		expect([...links, ...inProse].filter(path => !existsSync(join(package_, path)))).toEqual([]);
		expect(links).toContain('docs/server.md');
	});

	test('has nothing of an earlier build', () => {
		expect(readdirSync(join(package_, 'dist'))).not.toContain('of-an-earlier-build.js');
	});

	test('declares what its entries lead to, and nothing of its inside', () => {
		const files = readdirSync(join(package_, 'dist'), { encoding: 'utf8', recursive: true });
		const rooms = new Set(files.filter(file => file.endsWith('.d.ts')).map(file => file.split('/')[0]));
		expect([...rooms]).toEqual(expect.arrayContaining(['index.d.ts', 'options', 'vitest']));
		const inside = ['cli', 'evidence', 'lock.d.ts', 'os', 'reaper', 'registry', 'released'];
		expect(inside.filter(room => rooms.has(room))).toEqual([]);
	});

	test('has the licence of each package that is a part of its files', () => {
		const dist = join(package_, 'dist');
		const files = readdirSync(dist, { encoding: 'utf8', recursive: true });
		const code = files.filter(file => file.endsWith('.js')).map(file => readFileSync(join(dist, file), 'utf8'));
		const parts = code.flatMap(text =>
			[...text.matchAll(/^\/\/ node_modules\/([^/]+)/gm)].map(([, name = '']) => name),
		);
		const licences = new Map(files.flatMap(file => (/^LICENSE\.(.+)$/.exec(file) ? [[file.slice(8), file]] : [])));
		// It has no text of its licence, and is a thin layer above tmp.
		expect(new Set(parts)).toEqual(new Set([...licences.keys(), 'tmp-promise']));
		for (const file of licences.values())
			expect(readFileSync(join(dist, file), 'utf8')).toContain('Permission is hereby granted');
	});

	test('contains packages that work, although what they use of Node is loaded late', async () => {
		const chunks = join(package_, 'dist/chunks');
		const [chunk = ''] = readdirSync(chunks).filter(name => /^tmp-promise-\w+\.js$/.test(name));
		const { default: tmp } = await import(/* @vite-ignore */ join(chunks, chunk));
		// Without a name it asks for random bytes.
		const { name, removeCallback } = tmp.dirSync({ tmpdir: folder });
		expect(existsSync(name)).toBe(true);
		removeCallback();
		expect(existsSync(name)).toBe(false);
	});

	test('has every file that its code finds by a path relative to its own', () => {
		const dist = join(package_, 'dist');
		const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(name => /\.c?js$/.test(name));
		const found = files.flatMap(file =>
			[...readFileSync(join(dist, file), 'utf8').matchAll(/fileURLToPath\d*\(import\.meta\.url\), "([^"]+)"\)/g)].map(
				([, path = '']) => join(dist, file, path),
			),
		);
		expect(found.map(path => basename(path)).toSorted()).toEqual([
			...['dist', 'each-file.js', 'main.cjs', 'main.cjs', 'thread.cjs'],
		]);
		expect(found.filter(path => !existsSync(path))).toEqual([]);
	});

	test('exports classes and functions that know their names', async () => {
		const exported: object = await import(join(package_, 'dist', 'index.js'));
		const named = Object.entries(exported).filter(([, value]) => typeof value === 'function');
		expect(named.map(([, value]) => value.name)).toEqual(named.map(([name]) => name));
		expect(named.length).toBeGreaterThan(20);
	});

	test('has maps by which a stack points into the sources', () => {
		const script = `import { timeLimits } from 'withdaemon'; timeLimits({ get timeout() { throw new Error('mine'); } });`;
		const node = ['--enable-source-maps', '--input-type=module', '-e', script];
		const { stderr } = spawnSync(process.execPath, node, { cwd: newProject(), encoding: 'utf8' });
		const [, file = '', line = ''] = /at readGiven \(.*\/(src\/.+):(\d+):\d+\)/.exec(stderr) ?? [];
		expect(readFileSync(join(root, file), 'utf8').split('\n')[Number(line) - 1]).toContain('options[name]');
	});

	test('fails with the text that the README shows if the daemon of its first sample is broken', {
		timeout: 240_000,
	}, () => {
		const project = newProject();
		const [sample = '', failure = ''] = samples;
		const fault = /`(const code = .*)`:/.exec(readme)?.[1] ?? '';
		const red = runSamples(project, sample.replace(/const code = `[\s\S]*?`/, fault));
		expect(red.status).toBe(1);
		const steady = (text: string) =>
			text
				.replace(/\d+ ms/g, 'N ms')
				.replace(/^( +pid +)\d+/gm, '$1N')
				.replace(/ +$/gm, '')
				.replaceAll(project, '/home/me/hello');
		expect(steady(red.output)).toContain(steady(failure.trimEnd()));
	});

	test('runs the samples of the README, and without redis-server those that do not need it', {
		timeout: 240_000,
	}, () => {
		const [imports = '', ...body] = sampleWith('await using').split('\n');
		const block = `import { test } from 'vitest';\n${imports}\ntest('block', async () => {${body.join('\n')}});`;
		const withRedis = hasRedis ? [block, sampleWith("{ per: 'test' }"), sampleWith('cache:')] : [];
		const run = runSamples(newProject(), String(samples[0]), sampleWith('npm run dev'), ONE_CLASS, ...withRedis);
		expect(run.output).toContain(hasRedis ? 'Tests  8 passed (8)' : 'Tests  3 passed (3)');
		expect(run.status).toBe(0);
	});
});

/** The entries share their classes. */
const ONE_CLASS = `
	import { expect, test } from 'vitest';
	import { InvalidOptionError } from 'withdaemon';
	import { withDaemon } from 'withdaemon/vitest';

	test('an error of one entry is an instance of the class of another', async () => {
		await expect(withDaemon({ startupCommand: '' }, () => {})).rejects.toBeInstanceOf(InvalidOptionError);
	});`;

const sampleWith = (text: string) => samples.find(sample => sample.includes(text)) ?? '';
