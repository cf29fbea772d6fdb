/** `daemonSetup` in projects of users: daemons around a whole run of vitest. */
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { daemonSetup } from '../../src/vitest/setup.ts';
import { eventually } from '../support/doomed-callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { beginWatching, project, runVitest } from '../support/projects.ts';

/** The options of a group as code; its daemons note their pids in the file `pids`. */
const group = `{
	api: {
		startupCommand: ['sh', '-c', 'echo $$ >> pids; exec "$0"', ${JSON.stringify(fixture('well-behaved.mjs'))}],
		lookFor: /port (?<port>\\d+)/,
		exports: { API_PORT: '{captures.port}' },
	},
}`;

const setup = (argument: string) => `
	import { daemonSetup } from 'withdaemon/vitest/setup';
	export default daemonSetup(${argument});`;

const numbersIn = (file: string) =>
	existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').map(Number) : [];

/** Two projects inherit the setup of the root; the second one begins when the first one has ended. */
const config = `
	class ByName {
		shard(files) { return files; }
		sort(files) { return files.toSorted((a, b) => a.moduleId < b.moduleId ? -1 : 1); }
	}
	export default { test: {
		globalSetup: ['setup.ts'],
		fileParallelism: false,
		sequence: { sequencer: ByName },
		projects: ['first', 'second'].map(name => ({ extends: true, test: { name, include: [name + '.test.ts'] } })),
	} };`;

const first = `
	import { connect } from 'node:net';
	import { text } from 'node:stream/consumers';
	import { expect, inject, test } from 'vitest';
	const { api } = inject('daemons');
	test('is there', async () => {
		expect(process.env.API_PORT).toBe(api.captures.port);
		expect(api.exports).toEqual({ API_PORT: api.captures.port });
		expect(await text(connect(Number(api.captures.port), '127.0.0.1'))).toBe('hello\\n');
	});
	test('fails after silence', () => expect(1).toBe(2));`;

const second = `
	import { expect, inject, test } from 'vitest';
	const { api } = inject('daemons');
	test('in which it dies', async () => {
		process.kill(api.pid, 'SIGKILL');
		await new Promise(() => {});
	});
	test('passes without it', () => {});
	test('fails without it', () => expect(1).toBe(2));`;

test('daemons of a run are started once for all projects, and each failing test is told of a death', {
	timeout: 240_000,
}, async () => {
	const files = { 'setup.ts': setup(group), 'vitest.config.ts': config, 'first.test.ts': first };
	const folder = project({ ...files, 'second.test.ts': second });
	const { status, output } = await runVitest(folder, '--reporter', 'json', '--outputFile', join(folder, 'out.json'));
	if (!existsSync(join(folder, 'out.json'))) throw new Error(output);
	const { testResults } = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as Report;
	const found = testResults.flatMap(({ assertionResults }) =>
		assertionResults.map(({ title, failureMessages }) => [title, failureMessages.map(withoutFrames)]),
	);
	const died = 'api was killed by SIGKILL while it was in use\n';
	expect(Object.fromEntries(found)).toEqual({
		'is there': [],
		'fails after silence': ['AssertionError: expected 1 to be 2 // Object.is equality'],
		'in which it dies': [expect.stringContaining(`DaemonExitedError: ${died}  pid `)],
		'passes without it': [],
		'fails without it': [
			expect.stringContaining(`AssertionError: expected 1 to be 2 // Object.is equality\n\n${died}`),
		],
	});
	expect(status).toBe(1);
	expect(numbersIn(join(folder, 'pids')).map(isGone)).toEqual([true]);
});

interface Report {
	readonly testResults: readonly { readonly assertionResults: readonly Result[] }[];
}
interface Result {
	readonly title: string;
	readonly failureMessages: readonly string[];
}
const withoutFrames = (stack: string) => stack.replace(/\n +at [\s\S]*/, '');

test('a config file is as good as a group, seen from the root of vitest', { timeout: 240_000 }, async () => {
	const folder = project({
		'setup.ts': setup("'../withdaemon.config.mjs'"),
		'withdaemon.config.mjs': `export default ${group}`,
		'vitest.config.ts': `export default { test: { root: 'tests', globalSetup: ['../setup.ts'], include: ['*.test.ts'] } }`,
		'tests/first.test.ts': first.replace("test('fails", "test.skip('fails"),
	});
	const { status, output } = await runVitest(folder, '--config', join(folder, 'vitest.config.ts'));
	expect(output).toContain('1 passed');
	expect(status).toBe(0);
});

/** The projects of one vitest, as far as `daemonSetup` knows them. */
function projectsOf(...areInBrowsers: readonly boolean[]) {
	const provided: unknown[] = [];
	const vitest = { config: { root: '/' }, projects: [] };
	const projects = areInBrowsers.map(enabled => ({
		config: { root: '/', setupFiles: [] as string[], browser: { enabled } },
		isRootProject: () => false,
		getProvidedContext: () => ({}),
		provide: (name: never) => void provided.push(name),
		onTestsRerun: () => {},
		vitest,
	}));
	return { projects, provided };
}

test('after a start that has failed, the next one of the same vitest may succeed', async () => {
	const there = join(temporaryFolder(), 'there');
	const startupCommand = ['sh', '-c', 'test -e "$0" || exit 7; echo ready; exec sleep 1000', there] as const;
	const setUp = daemonSetup({ api: { startupCommand, lookFor: 'ready', exports: { SETUP_OF_RUN: 'done' } } });
	const { projects } = projectsOf(false);
	await expect(Promise.all(projects.map(setUp))).rejects.toThrow('api exited with code 7');
	writeFileSync(there, '');
	const ends = await Promise.all(projects.map(setUp));
	expect(process.env['SETUP_OF_RUN']).toBe('done');
	for (const end of ends) await end();
	expect(process.env['SETUP_OF_RUN']).toBeUndefined();
});

test('a project that runs in a browser gets what is provided, but no setup file for Node', async () => {
	const { projects, provided } = projectsOf(true, false);
	const setUp = daemonSetup({ api: { startupCommand: 'exec sleep 1000' } });
	const ends = [];
	for (const project of projects) ends.push(await setUp(project));
	for (const end of ends) await end();
	expect(projects.map(({ config }) => config.setupFiles.map(file => basename(file)))).toEqual([[], ['each-file.js']]);
	expect(provided.filter(name => name === 'daemons')).toHaveLength(2);
});

const noting = `
	import { appendFileSync } from 'node:fs';
	import { inject, test } from 'vitest';
	test('runs', () => appendFileSync('runs', inject('daemons').api.pid + '\\n'));`;

/** Watches a project, in which `isChanged` changes a test and then the config of vitest, until the signal ends it. */
async function endWatching(signal: NodeJS.Signals, isChanged = false): Promise<object> {
	const watching = `export default { test: { globalSetup: ['setup.ts'] } };`;
	const folder = project({ 'setup.ts': setup(group), 'vitest.config.ts': watching, 'noting.test.ts': noting });
	const temporary = temporaryFolder();
	const run = beginWatching(folder, temporary);
	const runs = () => numbersIn(join(folder, 'runs'));
	const pids = () => numbersIn(join(folder, 'pids'));
	const left = () => readdirSync(temporary).filter(name => name.startsWith('withdaemon-'));
	const hasRun = (times: number) => eventually(() => runs().length === times);
	await hasRun(1);
	// vitest ends the daemons only when its config changes, and begins anew.
	const changed = isChanged ? ['noting.test.ts', 'vitest.config.ts'] : [];
	for (const [index, name] of changed.entries()) {
		appendFileSync(join(folder, name), '\n');
		await hasRun(index + 2);
	}
	run.kill(signal);
	const { all } = await run;
	await eventually(() => pids().every(isGone) && left().length === 0);
	if (runs().length < 1 + changed.length) throw new Error(all);
	const [first, again] = pids();
	return { starts: pids().length, runs: runs().map(pid => [first, again].indexOf(pid)), left: left() };
}

test('in watch mode daemons are kept over re-runs, until the config of vitest changes or a signal ends it', {
	timeout: 240_000,
}, async () => {
	const ends = await Promise.all([endWatching('SIGINT', true), endWatching('SIGTERM'), endWatching('SIGHUP')]);
	const atOnce = { starts: 1, runs: [0], left: [] };
	expect(ends).toEqual([{ starts: 2, runs: [0, 0, 1], left: [] }, atOnce, atOnce]);
});
