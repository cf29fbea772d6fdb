/**
 * What the guides show works, in the project of a user: each block of code that has the name of a file, and each
 * command.
 */
import { chmodSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { FLAGS } from '../src/cli/flags.ts';
import * as library from '../src/index.ts';
import { CLI, type CliResult, cliFolder, startProgram } from './support/cli.ts';
import { runVitest } from './support/projects.ts';
import { leftWith } from './support/traces.ts';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const installed = join(String(process.env['WITHDAEMON_TEST_BUILD']), '..', '..');

const server = `import { createServer } from 'node:http';
	const server = createServer((request, response) => response.end('hello'));
	server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));`;

/** The files of users that the guides speak of, but do not show. */
const files = {
	'server.mjs': server,
	'queue.mjs': server,
	'index.html': '<p>hello</p>',
	'test.mjs': `const urls = [process.env.BASE_URL, process.env.QUEUE_URL].filter(url => url);
		for (const url of urls) console.log(await (await fetch(url)).text());`,
};

/**
 * Programs of users, by their names. Playwright and Jest are not installed: what asks the server stands in for them.
 */
const programs = {
	withdaemon: `exec '${process.execPath}' '${CLI}' "$@"`,
	npx: 'exec "$@"',
	playwright: 'exec node test.mjs',
	jest: 'exec node test.mjs',
};

/**
 * What the tools know: start-server-and-test 2.1, Playwright 1.65, wait-on 9.5, jest-dev-server 11.0, concurrently 9.2.
 */
const THEIRS: Readonly<Record<string, readonly string[]>> = {
	'start-server-and-test': [
		...['http', 'http-get', '--expect', 'START_SERVER_AND_TEST_INSECURE', 'WAIT_ON_TIMEOUT', 'WAIT_ON_INTERVAL'],
		...['start', 'test'],
	],
	'Playwright webServer': [
		...['use', 'baseURL', 'webServer', 'command', 'url', 'port', 'env', 'PORT', 'cwd', 'name', 'timeout', 'wait'],
		...['gracefulShutdown', 'signal', 'ignoreHTTPSErrors', 'stdout', 'stderr', 'reuseExistingServer', 'http'],
	],
	'wait-on': [
		...['http', 'https', 'http-get', 'https-get', 'tcp', 'socket', 'file', '--reverse', '--window', '--timeout'],
		...['--httpTimeout', '--delay', '--interval', '--simultaneous'],
	],
	'jest-dev-server': [
		...['command', 'port', 'protocol', 'path', 'host', 'launchTimeout', 'usedPortAction', 'waitOnScheme', 'debug'],
		...['teardown', 'error', 'kill', 'ignore', 'ask'],
	],
	concurrently: [
		...['--names', '--kill-others', '--kill-others-on-fail', '--success', '--kill-signal', '--kill-timeout'],
		'--restart-tries',
	],
};

const PATIENT = ['--test-timeout=120000', '--hook-timeout=120000'];

// First, as one of its tests waits for a time limit.
describe.concurrent('docs/worktrees.md', { timeout: 240_000 }, () => {
	const guide = read('docs/worktrees.md');

	test('shows how the server of another checkout is named', async () => {
		const other = project({
			'print-port.mjs': server.replace("'listening'", 'server.address().port'),
		});
		const { child, ended, seen } = startProgram(other, ['node', 'print-port.mjs'], { PORT: '0' });
		let port = '';
		child.stdout?.on('data', chunk => {
			port += chunk;
		});
		await seen(/\d+\n/);
		const url = `http://127.0.0.1:${port.trim()}/`;
		const flags = ['--name', 'web', '--service', 'node server.mjs', '--port', 'auto', '--env', 'PORT={port}'];
		const limits = ['--ready-url', url, '--startup-timeout', '10000'];
		const { errors } = await runIn(project({}), ['withdaemon', 'run', ...flags, ...limits, '--', 'true']);
		child.kill();
		await ended;
		const shown = guide.match(/^StartupTimeoutError: (.*)\n {2}(.*)$/m)?.slice(1) ?? [];
		const named = errors
			.replaceAll(port.trim(), '3000')
			.replaceAll(other, '/home/me/other')
			.replaceAll('print-port.mjs', 'server.mjs')
			.replaceAll(`${child.pid} (`, '4211 (');
		for (const line of shown) expect(named).toContain(line);
		expect(shown.length).toBe(2);
	});

	test('shows a test that passes', async () => {
		const { status, output } = await runVitest(project(blocksOf(guide)), ...PATIENT);
		expect(status, output).toBe(0);
	});

	test('shows commands that keep the services of two checkouts apart', async () => {
		const [one, other] = [project(blocksOf(guide)), project(blocksOf(guide))];
		const [start = '', ps = '', stop = ''] = commandsOf(guide).flatMap(block => block.trim().split('\n'));
		const run = (folder: string, line: string) => runProgram(folder, ['sh', '-c', line], { TMPDIR: join(one, 'tmp') });
		try {
			const started = await Promise.all([run(one, start), run(other, start)]);
			// On a busy machine, it says what it waits for.
			const waiting = /^withdaemon: .*\n/gm;
			expect(started.map(({ code, errors }) => [code, errors.replace(waiting, '')])).toEqual([
				[0, ''],
				[0, ''],
			]);
			const both = await run(one, ps);
			expect([one, other].filter(folder => !both.output.includes(folder))).toEqual([]);
			await run(one, stop);
			const left = await run(one, ps);
			expect([one, other].filter(folder => left.output.includes(folder))).toEqual([other]);
		} finally {
			await Promise.all([run(one, stop), run(other, stop)]);
		}
		expect(leftWith(join(one, 'tmp'))).toEqual([]);
	});
});

describe.concurrent('docs/getting-started.md', { timeout: 240_000 }, () => {
	const guide = read('docs/getting-started.md');
	const blocks = blocksOf(guide);
	const commands = commandsOf(guide);

	test('shows a test that passes, and one of a broken server that fails at once', async () => {
		const whole = project(blocks);
		const [green, red] = await Promise.all([
			runVitest(whole, ...PATIENT),
			runVitest(
				project({ ...blocks, 'server.mjs': `throw new Error('no database');\n${blocks['server.mjs']}` }),
				...PATIENT,
			),
		]);
		expect(green.output).toMatch(/Tests +1 passed \(1\)/);
		expect(green.status).toBe(0);
		expect(red.output).toContain('StartupError: server.mjs exited with code 1 before it was ready');
		expect(red.output).toContain('Error: no database');
		expect(red.status).toBe(1);
	});

	test('shows commands that print hello', async () => {
		const results = await Promise.all(commands.map(command => runIn(project(blocks), ['sh', '-c', command])));
		expect(results).toEqual(commands.map(() => expect.objectContaining({ code: 0, output: 'hello\n' })));
		expect(commands.length).toBe(2);
	});
});

describe.concurrent('docs/migrating.md', { timeout: 240_000 }, () => {
	const guide = read('docs/migrating.md');
	const sections = guide.split(/^## /m).slice(1);
	const withSamples = sections.filter(section => 'package.json' in blocksOf(section));

	test.each(withSamples.map(section => [section.split('\n')[0], section] as const))(
		'%s: npm test starts what has to run, and leaves nothing',
		async (_, section) => {
			const result = await runIn(project(blocksOf(section)), ['npm', 'test']);
			const answers = result.output.match(/^hello$/gm);
			expect([result.code, answers?.length], result.errors).toEqual([0, section.includes('QUEUE_URL') ? 2 : 1]);
		},
	);

	test('has a sample of each tool whose work is done by the CLI', () => {
		expect(withSamples.length).toBe(4);
	});

	test('shows what was written for each tool, in words that the tool knows', async () => {
		const shown = sections.flatMap(section => {
			const tool = section.split('\n')[0]?.replaceAll('`', '') ?? '';
			const [, language = '', code = ''] = /^Before[\s\S]*?^```(\w+)\n([\s\S]*?)^```$/m.exec(section) ?? [];
			return code === '' ? [] : [{ tool, language, code, section }];
		});
		expect(shown.map(({ tool }) => tool)).toEqual(Object.keys(THEIRS));
		for (const { tool, language, code, section } of shown) {
			const { code: plain } = language === 'json' ? { code } : await transform(code, { loader: 'ts' });
			const scripts = language === 'json' ? Object.values<string>(JSON.parse(plain).scripts).join('\n') : '';
			const names =
				language === 'json' ? scripts.matchAll(/(--[\w-]+|\b[\w-]+(?=:\/\/|:index))/g) : code.matchAll(/\b(\w+): /g);
			const mapped =
				section
					.match(/^\| `[^|]*\|/gm)
					?.join('')
					.matchAll(/`(--[\w-]+|\w+)(?=[`:, ])/g) ?? [];
			const used = [...names, ...mapped].map(([, name = '']) => name);
			expect([tool, used.filter(name => !THEIRS[tool]?.includes(name))]).toEqual([tool, []]);
		}
	});

	test('maps the options of others to flags and probes that exist', () => {
		const ours =
			guide
				.match(/^\|[^|]*\|.*\|$/gm)
				?.map(row => row.split('|')[2])
				.join() ?? '';
		const flags = Object.values(FLAGS).map(flag => flag?.flag.split(' ')[0]);
		const named = [...ours.matchAll(/`(--[\w-]+)|`(\w+)\(/g)].map(([, flag, probe]) => flag ?? probe ?? '');
		expect(named.filter(name => !flags.includes(name) && !(name in library))).toEqual([]);
		expect(named.length).toBeGreaterThan(20);
	});
});

describe.concurrent('docs/jest.md', { timeout: 240_000 }, () => {
	const blocks = blocksOf(read('docs/jest.md'));

	test('shows a setup and a teardown that work as Jest calls them', async () => {
		// Jest imports both into one process, and starts its workers with the environment that the setup has left.
		const jest = `import { execFileSync } from 'node:child_process';
			import config from './jest.config.mjs';
			const call = async path => (await import(path)).default({}, {});
			await call(config.globalSetup);
			console.log(execFileSync(process.execPath, ['test.mjs'], { encoding: 'utf8' }));
			await call(config.globalTeardown);`;
		const result = await runIn(project({ ...blocks, 'jest.mjs': jest }), ['node', 'jest.mjs']);
		expect(result, result.errors).toMatchObject({ code: 0, output: 'hello\n\n' });
	});

	test('shows a script that starts the server around Jest', async () => {
		const result = await runIn(project(blocks), ['npm', 'test']);
		expect(result.output).toMatch(/^hello$/m);
		expect(result.code).toBe(0);
	});
});

/** The blocks of code that have the name of a file after their language. */
function blocksOf(markdown: string): Readonly<Record<string, string>> {
	const named = markdown.matchAll(/^```\w+ (\S+\.\w+)\n([\s\S]*?)^```$/gm);
	return Object.fromEntries([...named].map(([, name = '', code = '']) => [name, withTime(code)]));
}

/** The blocks of commands that are to be run. */
function commandsOf(markdown: string): readonly string[] {
	return [...markdown.matchAll(/^```sh run\n([\s\S]*?)^```$/gm)].map(([, commands = '']) => withTime(commands));
}

/** A machine that runs many tests at once needs more time than those of users. */
function withTime(code: string): string {
	return code
		.replaceAll("port: 'auto'", "port: 'auto', timeout: 120_000")
		.replaceAll('--port auto', '--port auto --timeout 120000');
}

function project(shown: Readonly<Record<string, string>>): string {
	const bin = Object.entries(programs).map(([name, script]) => [`bin/${name}`, `#!/bin/sh\n${script}\n`]);
	const folder = cliFolder({ ...files, ...shown, ...Object.fromEntries(bin) });
	for (const name of Object.keys(programs)) chmodSync(join(folder, 'bin', name), 0o755);
	symlinkSync(installed, join(folder, 'node_modules'));
	return folder;
}

async function runProgram(folder: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> {
	const PATH = `${join(folder, 'bin')}:${process.env['PATH']}`;
	const npm = { npm_config_update_notifier: 'false', npm_config_logs_max: '0' };
	return await startProgram(folder, argv, { PATH, ...npm, ...env }).ended;
}

/** Fails if the program has left a process or a temporary file. */
async function runIn(folder: string, argv: readonly string[]): Promise<CliResult> {
	const result = await runProgram(folder, argv);
	expect(leftWith(join(folder, 'tmp'))).toEqual([]);
	return result;
}
