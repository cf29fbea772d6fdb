/** The action for GitHub: its steps are run as the runner does, with the environment that the runner sets. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, type TestContext, test } from 'vitest';
import { CLI, type CliResult, cliFolder, startProgram, untilFile } from './support/cli.ts';
import { fixture } from './support/fixtures.ts';
import { leftWith } from './support/traces.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const definition = readFileSync(join(root, 'action.yml'), 'utf8');
const inputs = definition.slice(definition.indexOf('\ninputs:'), definition.indexOf('\nruns:'));
const DEFAULTS = Object.fromEntries(
	[...inputs.matchAll(/^ {2}([\w-]+):\n(?: {4}description: .*\n)(?: {4}default: (.*)\n)?/gm)].map(
		([, name = '', value = '']) => [name, value.replaceAll("'", '')],
	),
);

/** For what hangs, not for what is slow. */
const startupTimeout = 600_000;
const db = {
	startupCommand: 'echo ::error::not mine; echo ready; exec sleep 1000',
	lookFor: 'ready',
	startupTimeout,
};
const web = {
	startupTimeout,
	startupCommand: [process.execPath, fixture('answers-http.mjs'), '{port}'],
	port: 'auto',
	dependsOn: 'db',
	exports: { BASE_URL: 'http://127.0.0.1:{port}/' },
};

/** A job of a runner: its steps share a workspace, and files by which they talk to the runner. */
function job({ onTestFinished }: TestContext, group: object, { folder = '.' } = {}) {
	const workspace = cliFolder({
		[join(folder, 'withdaemon.config.json')]: group,
		[join(folder, 'node_modules/.bin/withdaemon')]: `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`,
	});
	const program = join(workspace, folder, 'node_modules/.bin/withdaemon');
	chmodSync(program, 0o755);
	const file = (name: string) => join(workspace, 'tmp', `github-${name}`);
	const files = Object.fromEntries(
		['env', 'output', 'state', 'step_summary'].map(name => [`GITHUB_${name.toUpperCase()}`, file(name)]),
	);
	for (const path of Object.values(files)) writeFileSync(path, '');
	const runner = { ...files, CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: workspace, NO_COLOR: '1' };
	const begin = (path: string, env: NodeJS.ProcessEnv) =>
		startProgram(workspace, [process.execPath, join(root, path)], { ...runner, ...env });
	/** With all inputs, as the runner knows their defaults. */
	const main = (given: Readonly<Record<string, string>> = {}) => {
		const env = Object.entries({ ...DEFAULTS, ...given }).map(([name, value]) => [
			`INPUT_${name.toUpperCase()}`,
			value,
		]);
		return begin('action/main.mjs', Object.fromEntries(env));
	};
	let isOver = false;
	const post = async () => {
		isOver = true;
		const saved = Object.entries(fromFile(file('state'))).map(([name, value]) => [`STATE_${name}`, value]);
		return await begin('action/post.mjs', Object.fromEntries(saved)).ended;
	};
	onTestFinished(async () => void (isOver || (await post())));
	return {
		workspace,
		main,
		post,
		variables: () => fromFile(file('env')),
		outputs: () => fromFile(file('output')),
		left: () => leftWith(join(workspace, 'tmp')).filter(path => !path.includes('github-')),
	};
}

/** What the runner reads from such a file. */
function fromFile(path: string): Record<string, string> {
	if (!existsSync(path)) return {};
	const lines = /^(?:([^=<\n]+)=(.*)|([^=<\n]+)<<(.+)\n([\s\S]*?)\n\4)$/gm;
	return Object.fromEntries(
		[...readFileSync(path, 'utf8').matchAll(lines)].map(([, name, value, other, , text]) => [
			name ?? other ?? '',
			value ?? text ?? '',
		]),
	);
}

/** Without what differs from run to run. */
const steady = ({ code, output, errors }: CliResult, workspace: string) =>
	`${output}${errors}exit code ${code}`
		.replaceAll(workspace, '/work')
		.replace(/^withdaemon: \w+ is \w+ for .*\n/gm, '')
		.replace(/\d+(?:\.\d+)? (?:ms|s)\b/g, 'TIME')
		.replace(/[\da-f]{8}-[\da-f-]{27}/g, 'TOKEN')
		.replace(/launched .*/g, 'launched …')
		.replace(/\b(pid|child|survivor) +\d+/g, '$1 PID')
		.replace(/\bport \d+/g, 'port PORT')
		.replace(/since [^,]+/g, 'since TIME');

describe.concurrent('the action', () => {
	test('starts services for the next steps, and stops them after the job, with their logs', async context => {
		const { expect } = context;
		const { workspace, main, post, variables, outputs, left } = job(context, { db, web }, { folder: 'packages/app' });
		const began = await main({ 'working-directory': 'packages/app', 'log-lines': '' }).ended;
		expect(steady(began, workspace)).toMatchInlineSnapshot(`
			"db is ready after TIME, pid PID
			web is ready after TIME, pid PID, port PORT
			exit code 0"
		`);
		const { BASE_URL = '', WEB_PORT } = variables();
		expect(await (await fetch(BASE_URL)).text()).toBe('hello');
		expect([BASE_URL, outputs()]).toEqual([`http://127.0.0.1:${WEB_PORT}/`, { 'web-port': WEB_PORT }]);
		expect(steady(await post(), workspace)).toMatchInlineSnapshot(`
			"::group::Log of db, its last lines
			::stop-commands::TOKEN
			::error::not mine
			ready
			::TOKEN::
			::endgroup::
			::group::Log of web, its last lines
			::stop-commands::TOKEN
			::TOKEN::
			::endgroup::
			web was stopped in TIME, pid PID; nothing is left
			db was stopped in TIME, pid PID; nothing is left
			exit code 0"
		`);
		expect(left()).toEqual([]);
	});

	test('starts the services that are named, of the config file that is named', async context => {
		const { expect } = context;
		const { workspace, main, post, left } = job(context, {}, { folder: 'packages' });
		writeFileSync(join(workspace, 'packages/ci.json'), JSON.stringify({ db, cache: db, other: db }));
		const config = { 'working-directory': 'packages', config: 'ci.json', names: 'db\n  cache\n' };
		const { output, code } = await main({ ...config, 'log-lines': '1' }).ended;
		expect([output.match(/^\w+(?= is ready)/gm)?.toSorted(), code]).toEqual([['cache', 'db'], 0]);
		const ended = await post();
		expect(ended.output.match(/^\w+(?= was stopped)/gm)?.toSorted()).toEqual(['cache', 'db']);
		expect(ended.output).not.toContain('not mine');
		// The service `other` was not started, so it has no log.
		expect(ended.errors).toBe('');
		expect(left()).toEqual([]);
	});

	test('fails when a service cannot be started, and leaves nothing', async context => {
		const { expect } = context;
		const { workspace, main, post, left } = job(context, { db: { ...db, startupCommand: 'echo broken; exit 7' } });
		expect(steady(await main().ended, workspace)).toMatchInlineSnapshot(`
			"::error title=withdaemon::withdaemon start has exited with code 5; the lines above say why.
			db exited with code 7 before it was ready
			  waiting for  log line "ready"   1 line read, no match
			  pid PID   exited with code 7, launched …
			  command      /bin/sh -c 'echo broken; exit 7'
			  cwd          /work
			  log          | broken
			exit code 5"
		`);
		expect(steady(await post(), workspace)).toMatchInlineSnapshot(`
			"Nothing runs here.
			exit code 0"
		`);
		expect(left()).toEqual([]);
	});

	test('fails after the job when something was left', async context => {
		const { expect } = context;
		const leaves = { ...db, startupCommand: [fixture('forks-children.sh')], shutdownCommand: 'SIGINT' };
		const { workspace, main, post, left } = job(context, { leaves });
		await main().ended;
		expect(steady(await post(), workspace)).toMatchInlineSnapshot(`
			"::group::Log of leaves, its last lines
			::stop-commands::TOKEN
			ready, child PID
			::TOKEN::
			::endgroup::
			leaves was stopped in TIME, pid PID; nothing is left any more
			::error title=withdaemon::withdaemon stop has exited with code 4; the lines above say why.
			leaves left a process behind
			  survivor PID   sleep 1000   found by its process group, since TIME, ended by SIGTERM
			  hint         it ignores SIGINT, like everything that a shell started with \`&\`: give \`shutdownCommand: 'SIGTERM'\`
			exit code 4"
		`);
		expect(left()).toEqual([]);
	});

	test('gives up the start when the job is cancelled', async context => {
		const { expect } = context;
		const { workspace, main, post, left } = job(context, {
			db: { startupCommand: 'touch begun; exec sleep 1000', lookFor: 'never', startupTimeout },
		});
		const { child, ended } = main();
		await untilFile(join(workspace, 'begun'));
		child.kill('SIGINT');
		expect((await ended).code).toBe(130);
		expect(steady(await post(), workspace)).toMatchInlineSnapshot(`
			"Nothing runs here.
			exit code 0"
		`);
		expect(left()).toEqual([]);
	});

	test('says what to do when the project has not installed the library', async context => {
		const { expect } = context;
		const { workspace, main, post } = job(context, {}, { folder: 'elsewhere' });
		expect(steady(await main().ended, workspace)).toMatchInlineSnapshot(`
			"::error title=withdaemon::/work has no withdaemon in its node_modules: run \`npm ci\` in an earlier step, with withdaemon among the devDependencies.
			exit code 127"
		`);
		expect(steady(await post(), workspace)).toMatchInlineSnapshot(`"exit code 0"`);
	});

	test('defines each input that its steps read, and no other', ({ expect }) => {
		const code = readFileSync(join(root, 'action/main.mjs'), 'utf8');
		const read = [...code.matchAll(/\binput\('([\w-]+)'\)/g)].map(([, name]) => name);
		expect(new Set(read)).toEqual(new Set(Object.keys(DEFAULTS)));
		const steps = [...definition.matchAll(/^ {2}(?:main|post): (.*)$/gm)].map(([, path = '']) => path);
		expect(steps.map(path => existsSync(join(root, path)))).toEqual([true, true]);
	});
});
