/** `daemonSetup` with `reuse`, in projects of users: daemons that outlive a run of vitest. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, type TestContext, test } from 'vitest';
import { stopReleased } from '../../src/released/stop.ts';
import { reuseForRun } from '../../src/vitest/reused-daemons.ts';
import { CLI } from '../support/cli.ts';
import { eventually } from '../support/doomed-callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { beginWatching, project, samplesOf, startVitest } from '../support/projects.ts';
import { onTestFinished } from '../support/this-test.ts';
import { leftWith } from '../support/traces.ts';

const LIMIT = { timeout: 300_000 };

/** Each start of the daemon notes its pid in the file `pids`; a run that kills it hears of it in its test. */
const group = (other = '') => `{
		seed: { startupCommand: 'true;', task: true },
		api: {
			dependsOn: 'seed',
			startupCommand: ['sh', '-c', 'echo $$ >> pids; exec "$0"', ${JSON.stringify(fixture('well-behaved.mjs'))}],
			lookFor: /port (?<port>\\d+)/,
			exports: { API_PORT: '{captures.port}' },
			${other}
		},
	}`;
const setup = (members = group()) => `
	import { daemonSetup } from 'withdaemon/vitest/setup';
	export default daemonSetup(${members}, { reuse: true });`;

const uses = `
	import { appendFileSync } from 'node:fs';
	import { connect } from 'node:net';
	import { text } from 'node:stream/consumers';
	import { expect, inject, test } from 'vitest';
	const { api, seed } = inject('daemons');
	const talk = async () => expect(await text(connect(Number(api.captures.port), '127.0.0.1'))).toBe('hello\\n');
	test('is there', async () => {
		expect(process.env.API_PORT).toBe(api.captures.port);
		expect(api.exports).toEqual({ API_PORT: api.captures.port });
		expect(seed.exports).toEqual({});
		await talk();
		appendFileSync('runs', api.pid + '\\n');
	});
`;

const dies = `${uses}
	test('fails', () => expect(1).toBe(2));
	test('in which it dies', async () => {
		process.kill(api.pid, 'SIGKILL');
		await new Promise(() => {});
	});
	test('passes without it', () => {});
	test('fails without it', () => expect(1).toBe(2));`;

/** The root of the project is not that of vitest. */
const config = `export default { test: { projects: [{ test: { root: 'tests', globalSetup: ['../setup.ts'] } }] } };`;

/** The daemons of the project end with the test, whatever happens in it. */
function reusing({ onTestFinished }: TestContext, suite: string) {
	const folder = project({ 'setup.ts': setup(), 'vitest.config.ts': config, 'tests/suite.test.ts': suite });
	const TMPDIR = join(folder, 'temporary');
	mkdirSync(TMPDIR);
	const run = () => startVitest(folder, ['run'], { TMPDIR, NO_COLOR: '1' });
	const stop = () => execa(process.execPath, [CLI, 'stop'], { cwd: folder, env: { TMPDIR }, reject: false, all: true });
	onTestFinished(async () => void (await stop()));
	const numbersIn = (file: string) =>
		existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trimEnd().split('\n').map(Number) : [];
	const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
	return { folder, TMPDIR, run, stop, write, pids: () => numbersIn('pids'), runs: () => numbersIn('runs') };
}

test.concurrent(
	'daemons outlive a run, and the next runs find them, start what has died, and refuse another definition',
	LIMIT,
	async context => {
		const { expect } = context;
		const { run, stop, write, pids, runs } = reusing(context, dies);
		const first = await run();
		const died = 'api ended with an unknown exit status while it was in use\n';
		expect(first.all).toContain(
			`DaemonExitedError: ${died}  pid          ${pids()[0]}   gone\n  log          | listening on port`,
		);
		expect(first.all).toContain(`AssertionError: expected 1 to be 2 // Object.is equality\n\n${died}`);
		expect(first.all.split(died)).toHaveLength(3);
		expect(first.all).toContain('3 failed | 2 passed');

		write('tests/suite.test.ts', uses);
		const both = await Promise.all([run(), run()]);
		expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
		// What the first run has left was told once, by the run that came first.
		expect(both.filter(({ all }) => all.includes(died))).toHaveLength(1);
		expect([pids().length, runs().slice(1)]).toEqual([2, [pids()[1], pids()[1]]]);
		expect(isGone(pids()[1] ?? 0)).toBe(false);

		write('setup.ts', setup(group("env: { LEVEL: 'high' },")));
		const { exitCode, all } = await run();
		expect(exitCode).toBe(1);
		expect(all).toContain(`AlreadyRunningError: api is already running as pid ${pids()[1]}
  differs      env.LEVEL   is not given, would be "high"
  hint         \`withdaemon stop api\` ends it, and the next run starts it anew
 ❯ setup.ts:3`);

		expect((await stop()).all).toMatch(/^api was stopped in .*; nothing is left$/);
		expect(isGone(pids()[1] ?? 0)).toBe(true);
	},
);

test.concurrent(
	'in watch mode a daemon that has died is there again for the next run, and a signal leaves it as it is',
	LIMIT,
	async context => {
		const { expect } = context;
		const { folder, TMPDIR, write, pids, runs } = reusing(context, uses);
		// As the guide says, with a config file.
		write('setup.ts', samplesOf('vitest.md')['reused-setup.ts'] ?? '');
		write('withdaemon.config.mjs', `export default ${group()};`);
		write('vitest.config.ts', "export default { test: { globalSetup: ['setup.ts'] } };");
		const run = beginWatching(folder, TMPDIR);
		await eventually(() => runs().length === 1);
		process.kill(pids()[0] ?? 0, 'SIGKILL');
		await eventually(() => isGone(pids()[0] ?? 0));
		appendFileSync(join(folder, 'tests/suite.test.ts'), '\n');
		await eventually(() => runs().length === 2);
		run.kill('SIGINT');
		await run;
		expect(runs()).toEqual(pids());
		expect(pids().map(isGone)).toEqual([true, false]);
	},
);

test.concurrent('a signal during the start leaves nothing that was started', LIMIT, async context => {
	const { expect } = context;
	const { folder, TMPDIR, write, pids } = reusing(context, uses);
	write('setup.ts', setup(group("ready: () => 'never',")));
	const run = beginWatching(folder, TMPDIR);
	await eventually(() => pids().length === 1);
	run.kill('SIGINT');
	await run;
	await eventually(() => pids().every(isGone) && leftWith(TMPDIR).length === 0);
	expect(pids()).toHaveLength(1);
});

test(
	'the tests know the port of a daemon, and where its log begins in a file that has older lines',
	LIMIT,
	async () => {
		const root = temporaryFolder();
		const logFile = join(root, 'api.log');
		writeFileSync(logFile, 'older\n');
		const { signal } = new AbortController();
		onTestFinished(async () => void (await stopReleased({ checkout: root, names: ['api'], all: false, signal })));
		const startupCommand = [process.execPath, fixture('listens.mjs'), '{port}'] as const;
		const api = { startupCommand, port: 'auto', logFile, timeout: 300_000 } as const;
		const { all } = await reuseForRun({ api }, { root, file: undefined });
		expect(all).toMatchObject([
			{ provided: { port: expect.any(Number), ports: {} }, whereabouts: { logFile, death: { logOffset: 6 } } },
		]);
	},
);
