/** The examples pass as they are, in the project of a user, and the documents show all of them. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { project } from './support/projects.ts';
import { describeServer, findProgram } from './support/real-servers.ts';
import { callLibc } from './support/way-to-libc.ts';

/** The programs that each recipe needs, apart from node and those that come with vitest. */
const recipes: Readonly<Record<string, readonly string[]>> = {
	app: ['redis-server', 'redis-cli'],
	etcd: ['etcd'],
	haproxy: ['haproxy'],
	mariadb: ['mariadbd', 'mariadb-install-db', 'mariadb'],
	memcached: ['memcached'],
	mosquitto: ['mosquitto'],
	nginx: ['nginx'],
	'npm-run-dev': ['npm'],
	'php-fpm': ['php-fpm', 'nginx'],
	postgresql: ['postgres', 'initdb', 'psql', ...(process.getuid?.() === 0 ? ['setpriv'] : [])],
	redis: ['redis-server'],
};

const root = fileURLToPath(new URL('..', import.meta.url));
const examples = join(root, 'examples');
const files = list(examples).filter(path => path.includes('/'));
const tests = files.filter(path => path.endsWith('.test.ts'));
const recipeOf = (path: string) => recipes[basename(path, '.test.ts')] ?? [];
const documents = ['docs/groups.md', 'docs/javascript.md', 'docs/recipes.md', 'docs/server.md', 'docs/sockets.md']
	.map(name => readFileSync(join(root, name), 'utf8'))
	.join('\n');

// The recipes wait for daemons that say themselves that they are ready.
beforeAll(callLibc);

describe('the examples, in the project of a user,', { timeout: 300_000 }, () => {
	test.each(tests.filter(path => recipeOf(path).length === 0))('pass: %s', async path => {
		await expectPassed(path);
	});

	for (const [name, programs] of Object.entries(recipes))
		describeServer(name, programs, () => {
			test('passes: the recipe', async () => {
				await expectPassed(`recipes/${name}.test.ts`);
			});
		});

	test('leave nothing there', async () => {
		const { left } = await run();
		expect(left).toEqual([]);
	});
});

test('every example is what a document shows', () => {
	const shown = (text: string) => text.replace(/\t/g, '  ').trim();
	const missing = files.filter(path => !shown(documents).includes(shown(readFileSync(join(examples, path), 'utf8'))));
	expect(missing).toEqual([]);
	expect(files.length).toBe(26);
});

async function expectPassed(path: string): Promise<void> {
	const { output, results } = await run();
	const status = results.find(({ name }) => name.endsWith(`/${path}`))?.status;
	expect(status, output).toBe('passed');
}

let running: ReturnType<typeof runAll> | undefined;
/** One run for all tests of this file. */
const run = () => (running ??= runAll());

async function runAll() {
	const folder = project({});
	for (const path of files.filter(path => recipeOf(path).every(findProgram)))
		cpSync(join(examples, path), join(folder, path));
	const copied = list(folder);
	const modules = join(folder, 'node_modules');
	symlinkSync(join(root, 'node_modules', '.bin'), join(modules, '.bin'));
	const programs = linkPrograms(join(modules, 'programs'));
	const report = join(modules, 'report.json');
	const vitest = join(modules, 'vitest', 'vitest.mjs');
	const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
	// Most of the work of vitest would be to load itself and the library anew for each of these small files.
	const args = ['--no-isolate', '--max-workers=3', '--test-timeout=60000', ...reporters];
	// vitest marks its workers by such variables.
	const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
	const { all } = await execa(process.execPath, [vitest, 'run', ...args], {
		cwd: folder,
		env: { ...inherited, PATH: `${programs}:${process.env['PATH']}`, NO_COLOR: '1' },
		extendEnv: false,
		reject: false,
		all: true,
	});
	const results: { name: string; status: string }[] = existsSync(report)
		? JSON.parse(readFileSync(report, 'utf8')).testResults
		: [];
	return { output: all, results, left: list(folder).filter(path => !copied.includes(path)) };
}

/** A user has the programs in PATH, by their usual names. */
function linkPrograms(folder: string): string {
	mkdirSync(folder);
	for (const name of new Set(Object.values(recipes).flat())) {
		const path = findProgram(name);
		if (path !== undefined) symlinkSync(path, join(folder, name));
	}
	return folder;
}

/** The files in a folder and below, without installed packages and the caches that are kept beside them. */
function list(folder: string): string[] {
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	return entries
		.filter(entry => entry.isFile())
		.map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
		.filter(path => !/(?:^|\/)node_modules\//.test(path));
}
