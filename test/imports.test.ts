/** What a fresh Node loads for an import: files and modules of Node, as their ms differ between machines. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const build = String(process.env['WITHDAEMON_TEST_BUILD']);

/** Each costs a ms or more, and most callers never need it. */
const COSTLY = /^NativeModule (crypto|net|child_process|dgram|http|https|tls|v8|vm|worker_threads|readline|inspector)$/;

/** Lists the scripts that V8 knows, after a list of Node's own modules. */
const LIST = `
	const costly = process.moduleLoadList.filter(name => ${COSTLY}.test(name));
	const { createRequire } = await import('node:module');
	const session = new (createRequire('/')('node:inspector').Session)();
	const files = [];
	session.connect();
	session.on('Debugger.scriptParsed', ({ params }) => params.url.startsWith('file:') && files.push(params.url));
	session.post('Debugger.enable');
	session.disconnect();
	console.log('\\n' + JSON.stringify({ costly, files }));`;

function loadedBy(code: string, args: readonly string[] = []): { costly: string[]; files: string[] } {
	const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
	const argv = ['--input-type=module', '-e', `${code};${LIST}`, '--', ...args];
	const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', env });
	expect(stderr).toBe('');
	const { costly, files } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
	// The code itself, and the files of packages.
	const own = files.filter((file: string) => file.includes('/withdaemon/dist/'));
	return { costly, files: own.map((file: string) => basename(file).replace(/-[A-Z\d]{8}\.js$/, '')) };
}

/** By a run of the command line, whose own output is left out. */
function loadedByCli(...words: readonly string[]): string[] {
	const code = `
		const [stdout, stderr] = [process.stdout, process.stderr];
		process.argv.splice(1, 0, 'withdaemon');
		stdout.write = stderr.write = () => true;
		${load('cli/main.js')};
		delete stdout.write;
		delete stderr.write`;
	return loadedBy(code, words).files;
}

const load = (path: string) => `await import(${JSON.stringify(join(build, path))})`;

const PLACE = /^\/\/ (src\/.*)$/gm;

/** The source files of the largest chunk, which all entries share. */
function library(): string[] {
	const chunks = readdirSync(join(build, 'chunks')).filter(name => name.endsWith('.js'));
	const texts = chunks.map(name => readFileSync(join(build, 'chunks', name), 'utf8'));
	const [largest = ''] = texts.toSorted((one, other) => other.length - one.length);
	return [...largest.matchAll(PLACE)].map(([, file = '']) => file);
}

describe('an import', () => {
	// Of the two chunks, one has the few lines that esbuild adds.
	test('of withdaemon loads the library as one chunk, and nothing of Node that costs ms', () => {
		// From Node 22 on, this module loads some of them itself.
		const { costly: byUtil } = loadedBy(`await import('node:util')`);
		expect(loadedBy(load('index.js'))).toEqual({ costly: byUtil, files: ['index.js', 'chunk', 'chunk'] });
	});

	test('of withdaemon/node-test loads little more', () => {
		const { files } = loadedBy(load('node-test/index.js'));
		expect(files).toContain('index.js');
		expect(files.length).toBeLessThanOrEqual(6);
	});

	test('of withdaemon/vitest loads little more', () => {
		const { files } = loadedBy(load('vitest/index.js'));
		expect(files).toContain('index.js');
		expect(files.length).toBeLessThanOrEqual(8);
	});

	test('leaves out what starts a group, and what only the command line needs', () => {
		const files = library();
		expect(files).toContain('src/with-daemon.ts');
		expect(files).not.toContain('src/group/start.ts');
		expect(files.filter(file => /^src\/(?:cli|released|doctor|hooks|vitest|config)\//.test(file))).toEqual([]);
	});
});

test('a first daemon makes its caller load what starts processes, and nothing else of Node that costs ms', () => {
	const start = `await withDaemon({ startupCommand: ['sleep', '1000'] }, () => {})`;
	const { costly, files } = loadedBy(`const { withDaemon } = ${load('index.js')}; ${start}`);
	const { costly: byNode } = loadedBy(`await import('node:util'); await import('node:child_process')`);
	// The package that calls libc is loaded beside a daemon that is slow to start.
	const others = costly.filter(name => name !== 'NativeModule worker_threads');
	expect(byNode).toEqual(expect.arrayContaining(others));
	expect(new Set(files)).toEqual(new Set(['index.js', 'chunk', 'tmp-promise']));
});

describe('the command line', () => {
	test('loads no command to show its version or help, to refuse words or to complete them', () => {
		const program = ['main.js', 'chunk', 'chunk'];
		expect(loadedByCli('--version')).toEqual(program);
		expect(loadedByCli('help', 'start')).toEqual(program);
		expect(loadedByCli('stop', '--unknown')).toEqual(program);
		expect(loadedByCli('completion', 'bash', '--', 'run', '--')).toEqual(program);
	});

	test('loads what commands do in a few files', () => {
		const files = loadedByCli('ps');
		expect(files).toContain('do');
		expect(files.length).toBeLessThanOrEqual(9);
	});
});
