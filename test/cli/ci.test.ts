/** What `run` prints with the environment that the runners of CI systems set. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { cliFolder, runCli } from '../support/cli.ts';

/** A line of its log that GitHub would obey, and one that Buildkite would. */
const db = {
	startupCommand:
		'echo ::error::not mine; echo --- not mine; echo ready; until [ -e end ]; do sleep 0.05; done; exit 9',
	lookFor: 'ready',
	exports: { DB_URL: 'postgres://me:pa%ss@localhost/db', API_TOKEN: 'to,k:en' },
};
const good = { db: { ...db, startupCommand: 'echo ready; exec sleep 1000' } };
const failing = { db };

const systems = {
	'GitHub Actions': { GITHUB_ACTIONS: 'true', GITHUB_WORKFLOW: 'ci', RUNNER_OS: 'Linux' },
	GitLab: { GITLAB_CI: 'true', CI_JOB_ID: '1' },
	Buildkite: { BUILDKITE: 'true', BUILDKITE_JOB_ID: '1' },
};

async function runIn(system: keyof typeof systems, group: object, cmd: string) {
	const folder = cliFolder({ 'withdaemon.config.json': group });
	const env = { CI: 'true', NO_COLOR: '1', ...systems[system] };
	const { code, output, errors } = await runCli(folder, ['run', '--', 'sh', '-c', cmd], env);
	return { code, output, text: steady(errors) };
}

/** Without what differs from run to run. The escape of GitLab is made visible. */
const steady = (text: string) =>
	text
		.replace(/^withdaemon: \w+ is \w+ for .*\n/gm, '')
		.replace(/\d+(?:\.\d+)? (?:ms|s)\b/g, 'TIME')
		.replace(/launched .*?(?=%0A|$)/gm, 'launched …')
		.replace(/\bpid( +)\d+/g, 'pid$1PID')
		.replace(/[\da-f]{8}-[\da-f-]{27}/g, 'TOKEN')
		.replace(/section_(start|end):\d+:withdaemon_\d+/g, 'section_$1:TIME:withdaemon_PID')
		.replaceAll('\u001B', 'ESC')
		.replaceAll('\r', 'CR');

const CMD_THAT_WAITS = 'touch end; exec sleep 1000';

describe.concurrent('run', () => {
	test('folds its lines, masks secrets and makes one annotation of a failure in GitHub Actions', async ({ expect }) => {
		const [fine, bad] = await Promise.all([
			runIn('GitHub Actions', good, 'echo hello'),
			runIn('GitHub Actions', failing, CMD_THAT_WAITS),
		]);
		expect([fine.code, fine.output, bad.code]).toEqual([0, 'hello\n', 3]);
		expect(fine.text).toMatchInlineSnapshot(`
			"::group::Starting 1 service
			withdaemon: db is starting
			withdaemon: db is ready after TIME, pid PID
			::endgroup::
			::add-mask::pa%25ss
			::add-mask::to,k:en
			withdaemon: running sh -c echo hello
			withdaemon: the command has exited with code 0
			::group::Stopping 1 service
			withdaemon: db is stopping
			withdaemon: db has stopped after TIME
			::endgroup::
			"
		`);
		expect(bad.text).toMatchInlineSnapshot(`
			"::group::Starting 1 service
			withdaemon: db is starting
			withdaemon: db is ready after TIME, pid PID
			::endgroup::
			::add-mask::pa%25ss
			::add-mask::to,k:en
			withdaemon: running sh -c touch end; exec sleep 1000
			withdaemon: db has failed
			withdaemon: the command has exited with code 143
			::group::Stopping 1 service
			::endgroup::
			::error title=db::db exited with code 9 while it was in use%0A  pid          PID   exited with code 9, launched …%0A  log          | ::error::not mine%0A               | --- not mine%0A               | ready
			::group::Log of db, its last lines
			::stop-commands::TOKEN
			::error::not mine
			--- not mine
			ready
			::TOKEN::
			::endgroup::
			"
		`);
	});

	test('makes sections in GitLab', async ({ expect }) => {
		const [fine, bad] = await Promise.all([runIn('GitLab', good, 'true'), runIn('GitLab', failing, CMD_THAT_WAITS)]);
		expect([fine.code, bad.code]).toEqual([0, 3]);
		expect(fine.text).toMatchInlineSnapshot(`
			"ESC[0Ksection_start:TIME:withdaemon_PID_1[collapsed=true]CRESC[0KStarting 1 service
			withdaemon: db is starting
			withdaemon: db is ready after TIME, pid PID
			ESC[0Ksection_end:TIME:withdaemon_PID_1CRESC[0K
			withdaemon: running sh -c true
			withdaemon: the command has exited with code 0
			ESC[0Ksection_start:TIME:withdaemon_PID_2[collapsed=true]CRESC[0KStopping 1 service
			withdaemon: db is stopping
			withdaemon: db has stopped after TIME
			ESC[0Ksection_end:TIME:withdaemon_PID_2CRESC[0K
			"
		`);
		expect(bad.text).toMatchInlineSnapshot(`
			"ESC[0Ksection_start:TIME:withdaemon_PID_1[collapsed=true]CRESC[0KStarting 1 service
			withdaemon: db is starting
			withdaemon: db is ready after TIME, pid PID
			ESC[0Ksection_end:TIME:withdaemon_PID_1CRESC[0K
			withdaemon: running sh -c touch end; exec sleep 1000
			withdaemon: db has failed
			withdaemon: the command has exited with code 143
			ESC[0Ksection_start:TIME:withdaemon_PID_2[collapsed=true]CRESC[0KStopping 1 service
			ESC[0Ksection_end:TIME:withdaemon_PID_2CRESC[0K
			db exited with code 9 while it was in use
			  pid          PID   exited with code 9, launched …
			  log          | ::error::not mine
			               | --- not mine
			               | ready
			ESC[0Ksection_start:TIME:withdaemon_PID_3[collapsed=true]CRESC[0KLog of db, its last lines
			::error::not mine
			--- not mine
			ready
			ESC[0Ksection_end:TIME:withdaemon_PID_3CRESC[0K
			"
		`);
	});

	test('makes groups in Buildkite, which no line of a log can begin', async ({ expect }) => {
		const [fine, bad] = await Promise.all([
			runIn('Buildkite', good, 'true'),
			runIn('Buildkite', failing, CMD_THAT_WAITS),
		]);
		expect([fine.code, bad.code]).toEqual([0, 3]);
		expect(fine.text).toMatchInlineSnapshot(`
			"--- Starting 1 service
			withdaemon: db is starting
			withdaemon: db is ready after TIME, pid PID
			+++ withdaemon: running sh -c true
			withdaemon: the command has exited with code 0
			--- Stopping 1 service
			withdaemon: db is stopping
			withdaemon: db has stopped after TIME
			"
		`);
		expect(bad.text).toMatchInlineSnapshot(`
			"--- Starting 1 service
			withdaemon: db is starting
			withdaemon: db is ready after TIME, pid PID
			+++ withdaemon: running sh -c touch end; exec sleep 1000
			withdaemon: db has failed
			withdaemon: the command has exited with code 143
			--- Stopping 1 service
			+++ db has failed
			db exited with code 9 while it was in use
			  pid          PID   exited with code 9, launched …
			  log          | ::error::not mine
			               | --- not mine
			               | ready
			--- Log of db, its last lines
			| ::error::not mine
			| --- not mine
			| ready
			"
		`);
	});

	test('adds a table to the summary of a GitHub step, whatever else is printed', async ({ expect }) => {
		const folder = cliFolder({
			'withdaemon.config.json': {
				...good,
				odd: { startupCommand: ['sh', '-c', 'exit 3'], lookFor: 'never', dependsOn: 'db', name: 'o|d' },
				late: { startupCommand: 'true', dependsOn: 'odd' },
			},
			'summary.md': 'of another program\n',
		});
		const env = { ...systems['GitHub Actions'], GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
		const { code } = await runCli(folder, ['run', '--quiet', '--', 'true'], env);
		expect(code).toBe(5);
		expect(steady(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8'))).toMatchInlineSnapshot(`
			"of another program
			#### withdaemon: exit code 5 after TIME

			| service | state | ready after | gone after | ports | error |
			| --- | --- | --- | --- | --- | --- |
			| db | stopped | TIME | TIME |  |  |
			| odd | failed |  |  |  | o\\|d exited with code 3 before it was ready |
			| late | waiting |  |  |  |  |

			"
		`);
	});

	test('leaves what services export, their ports and captures for later steps of GitHub, if they go on', async ({
		expect,
	}) => {
		const service = {
			startupCommand: [
				...[
					'node',
					'-e',
					"for (const p of process.argv.slice(1)) http.createServer().listen(p, '127.0.0.1', console.log('listening'))",
				],
				...['{port}', '{ports.admin}'],
			],
			lookFor: '/(?<word>listening)/',
			port: 'auto',
			ports: { admin: 'auto' },
			exports: { TEXT: 'two\nlines', API_TOKEN: 'a secret' },
		};
		const folder = cliFolder({
			'withdaemon.config.mjs': `export default { 'db.main': { ...${JSON.stringify(service)}, lookFor: ${service.lookFor} } };`,
		});
		const env = {
			...systems['GitHub Actions'],
			GITHUB_ENV: join(folder, 'env'),
			GITHUB_OUTPUT: join(folder, 'output'),
		};
		const started = await runCli(folder, ['start'], env);
		const stopped = await runCli(folder, ['stop'], env);
		expect([started.code, stopped.code]).toEqual([0, 0]);
		expect(started.errors).toContain('::add-mask::a secret\n');
		const read = (name: string) => readFileSync(join(folder, name), 'utf8').replace(/(?<=^|<<)withdaemon_\S+/gm, 'END');
		const admin = /^db-main-admin<<END\n(\d+)$/m.exec(read('output'))?.[1];
		const port = /^db-main-port<<END\n(\d+)$/m.exec(read('output'))?.[1];
		expect(read('env')).toBe(
			[
				...[`DB_MAIN_PORT<<END\n${port}\nEND\n`, `DB_MAIN_ADMIN_PORT<<END\n${admin}\nEND\n`],
				...['TEXT<<END\ntwo\nlines\nEND\n', 'API_TOKEN<<END\na secret\nEND\n'],
			].join(''),
		);
		expect(read('output')).toContain('db-main-word<<END\nlistening\nEND\n');
	});

	test('writes a JUnit report with --junit', async ({ expect }) => {
		const folder = cliFolder({
			'withdaemon.config.json': {
				...good,
				busy: { startupCommand: 'echo busy; touch busy; exec sleep 1000', lookFor: 'never', startupTimeout: 60_000 },
				bad: {
					startupCommand: 'until [ -e busy ]; do sleep 0.05; done; echo "<no & disk>"; exit 3',
					lookFor: 'x',
					dependsOn: 'db',
				},
				late: { startupCommand: 'true', dependsOn: 'bad' },
			},
		});
		const { code } = await runCli(folder, ['run', '--junit', 'report.xml', '--', 'true']);
		expect(code).toBe(5);
		const report = readFileSync(join(folder, 'report.xml'), 'utf8');
		expect(
			steady(report)
				.replace(/time="[\d.]+"/g, 'time="S"')
				.replaceAll(folder, 'FOLDER'),
		).toMatchInlineSnapshot(`
			"<?xml version="1.0" encoding="UTF-8"?>
			<testsuites name="withdaemon" tests="4" failures="1" skipped="2" errors="0" time="S">
			  <testsuite name="services" tests="4" failures="1" skipped="2" errors="0" time="S">
			    <testcase classname="withdaemon" name="db" time="S">
			      <system-out>ready</system-out>
			    </testcase>
			    <testcase classname="withdaemon" name="busy" time="S">
			      <skipped/>
			      <system-out>busy</system-out>
			    </testcase>
			    <testcase classname="withdaemon" name="bad" time="S">
			      <failure message="bad exited with code 3 before it was ready" type="StartupError">bad exited with code 3 before it was ready
			  waiting for  log line &quot;x&quot;   1 line read, no match
			  pid          PID   exited with code 3, launched …
			  command      /bin/sh -c 'until [ -e busy ]; do sleep 0.05; done; echo &quot;&lt;no &amp; disk&gt;&quot;; exit 3'
			  cwd          FOLDER
			  log          | &lt;no &amp; disk&gt;</failure>
			    </testcase>
			    <testcase classname="withdaemon" name="late" time="S">
			      <skipped/>
			    </testcase>
			  </testsuite>
			</testsuites>
			"
		`);
	});

	test('names the file of a JUnit report that cannot be written, and starts nothing', async ({ expect }) => {
		const folder = cliFolder({ 'withdaemon.config.json': { db: { startupCommand: 'touch started' } } });
		const { code, errors } = await runCli(folder, ['run', '--junit', 'no/report.xml', '--', 'true']);
		expect(errors).toBe(`ENOENT: no such file or directory, open '${join(folder, 'no', 'report.xml')}'\n`);
		expect(code).toBe(1);
	});
});
