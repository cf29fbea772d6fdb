/** What `run` prints: in a pipe, in a terminal, as JSON, and not at all. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CLI, cliFolder, runCli, startCli, startProgram } from '../support/cli.ts';

const group = {
	db: { startupCommand: 'echo opening; echo ready; exec sleep 1000', lookFor: 'ready' },
	migrate: { startupCommand: 'true', task: true, dependsOn: 'db' },
};
const folderWith = (services: object) => cliFolder({ 'withdaemon.config.json': services });

/** Without what differs from run to run. */
const steady = (text: string) =>
	text
		// Reminders, on a slow machine.
		.replace(/^withdaemon: \w+ is \w+ for .*\n/gm, '')
		.replace(/\d+(?:\.\d+)? (?:ms|s)\b/g, 'TIME')
		.replace(/\bpid \d+/g, 'pid PID')
		.replace(/"pid":\d+/g, '"pid":PID')
		.replace(/"ms":\d+/g, '"ms":N')
		.replace(/"at":"[^"]+"/g, '"at":"NOW"');

describe.concurrent('run', () => {
	test('prints plain lines to stderr in a pipe, and leaves stdout to CMD', async ({ expect }) => {
		const result = await runCli(folderWith(group), ['run', '--', 'echo', 'hello']);
		expect(result.output).toBe('hello\n');
		expect(steady(result.errors)).toMatchInlineSnapshot(`
			"withdaemon: db is starting
			withdaemon: db is ready after TIME, pid PID
			withdaemon: migrate is starting
			withdaemon: migrate is done after TIME
			withdaemon: running echo hello
			withdaemon: the command has exited with code 0
			withdaemon: db is stopping
			withdaemon: db has stopped after TIME
			"
		`);
	});

	test('prints an event a line with --json, and the output of CMD goes to stderr', async ({ expect }) => {
		const result = await runCli(folderWith(group), ['run', '--json', '--', 'echo', 'hello']);
		expect(result.errors).toBe('hello\n');
		expect(steady(result.output)).toMatchInlineSnapshot(`
			"{"event":"service","at":"NOW","name":"db","state":"starting"}
			{"event":"service","at":"NOW","name":"db","state":"ready","pid":PID,"port":null,"ports":{},"ms":N}
			{"event":"service","at":"NOW","name":"migrate","state":"starting"}
			{"event":"service","at":"NOW","name":"migrate","state":"done","ms":N}
			{"event":"command","at":"NOW","argv":["echo","hello"]}
			{"event":"command-end","at":"NOW","exitCode":0}
			{"event":"service","at":"NOW","name":"db","state":"stopping","pid":PID,"port":null,"ports":{}}
			{"event":"service","at":"NOW","name":"db","state":"stopped","ms":N}
			{"event":"end","at":"NOW","exitCode":0,"ms":N,"errors":[]}
			"
		`);
	});

	test('tells in JSON the port without a name and those with names, as status does', async ({ expect }) => {
		const code = "for (const p of process.argv.slice(1)) require('net').createServer().listen(p, '127.0.0.1')";
		const api = {
			startupCommand: ['node', '-e', code, '{port}', '{ports.admin}'],
			port: 'auto',
			ports: { admin: 'auto' },
		};
		const { output } = await runCli(folderWith({ api }), ['run', '--json', '--', 'true']);
		const events = output
			.trim()
			.split('\n')
			.map(line => JSON.parse(line));
		const { port, ports } = events.find(({ state }) => state === 'ready');
		expect([typeof port, ports]).toEqual(['number', { admin: expect.any(Number) }]);
	});

	test('tells in JSON why a service has failed, and that the start of another was given up', async () => {
		const late = { startupCommand: 'sleep 1000', lookFor: 'never', timeout: 900_000 };
		const failing = { db: { startupCommand: ['sh', '-c', 'echo no disk; exit 3'], lookFor: 'never' }, late };
		const { output, code } = await runCli(folderWith(failing), ['run', '--json', '--', 'echo', 'hello']);
		const events = output
			.trim()
			.split('\n')
			.map(line => JSON.parse(line));
		const error = { code: 'ERR_DAEMON_STARTUP', daemon: 'db', message: expect.stringContaining('| no disk') };
		expect(events.find(({ state }) => state === 'failed')).toMatchObject({ name: 'db', error });
		expect(events.filter(({ name }) => name === 'late').map(({ state }) => state)).toEqual([
			'starting',
			'stopping',
			'stopped',
		]);
		expect(events.at(-1)).toMatchObject({ event: 'end', exitCode: 5, errors: [error] });
		expect(code).toBe(5);
	});

	test('goes on when the reader of its output has gone, as `head` does', async () => {
		const folder = folderWith(group);
		const shell = '{ "$0" "$1" run --json -- sh -c "sleep 0.3; exit 9"; echo $? > code; } | head -n 1';
		const { ended } = startProgram(folder, ['sh', '-c', shell, process.execPath, CLI]);
		expect((await ended).output).toMatch(/^\{.*"state":"starting"\}\n$/);
		expect(readFileSync(join(folder, 'code'), 'utf8')).toBe('9\n');
	});

	test('prints nothing with --quiet, unless something goes wrong', async () => {
		const failing = { db: { startupCommand: ['sh', '-c', 'exit 3'], lookFor: 'never' } };
		const [good, bad] = await Promise.all([
			runCli(folderWith(group), ['run', '--quiet', '--', 'true']),
			runCli(folderWith(failing), ['run', '--quiet', '--', 'true']),
		]);
		expect(good).toMatchObject({ code: 0, output: '', errors: '' });
		expect(bad.errors).toMatch(/^db exited with code 3 before it was ready/);
	});

	test('tells in a pipe from time to time what is waited for, since when, and its last line', async () => {
		const folder = folderWith({
			db: { startupCommand: 'echo loading; sleep 1000', lookFor: 'never', timeout: 900_000 },
		});
		const { child, ended, seen } = startCli(folder, ['run', '--', 'true']);
		await seen(/^withdaemon: db is starting for \d\S* (?:s|min): loading$/m);
		child.kill('SIGTERM');
		expect(await ended).toMatchObject({ code: 143, errors: expect.stringMatching(/got SIGTERM, stopping/) });
	});

	test('has colours in a pipe only with FORCE_COLOR', async () => {
		const [forced, plain] = await Promise.all([
			runCli(folderWith(group), ['run', '--', 'true'], { FORCE_COLOR: '1' }),
			runCli(folderWith(group), ['run', '--', 'true']),
		]);
		expect(forced.errors).toContain('db is \u001B[32mready\u001B[39m');
		expect(plain.errors).not.toContain('\u001B');
	});
});

/** script(1) gives it a terminal, whose Ctrl-C is a byte of stdin. */
const inTerminal = (folder: string, words: readonly string[], env: NodeJS.ProcessEnv = {}) => {
	const command = [process.execPath, CLI, ...words].map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
	// script(1) hands it to $SHELL; a shell that stayed would end by the Ctrl-C itself, as dash does.
	const argv = ['script', '-qec', `exec ${command}`, '/dev/null'];
	return startProgram(folder, argv, { SHELL: '/bin/sh', TERM: 'xterm', ...env }, 'pipe');
};

describe.concurrent('in a terminal', () => {
	test('each service has a line, which is drawn anew, and stays as it was when CMD began', async () => {
		const { ended } = inTerminal(folderWith(group), ['run', '--', 'echo', 'hello']);
		const { output, code } = await ended;
		expect(code).toBe(0);
		// The cursor goes up by the two lines.
		expect(output).toContain('\u001B[2A');
		const text = stripVTControlCharacters(output);
		expect(text).toMatch(/migrate {2}waiting +for db/);
		expect(text).toMatch(/db +ready +\S+ m?s {2}pid \d+\r\nmigrate {2}done +\S+ m?s\r\necho hello\r\nhello\r\n/);
		expect(text).toMatch(/db +stopped +\S+ m?s\r\nmigrate {2}done +\S+ m?s\r\n$/);
	});

	test('what is waited for is shown with its last line, and a Ctrl-C ends it', async () => {
		const { child, ended, seen } = inTerminal(
			folderWith({ db: { startupCommand: 'echo loading table 7; sleep 1000', lookFor: 'ready', timeout: 900_000 } }),
			['run', '--', 'true'],
			{ NO_COLOR: '1' },
		);
		await seen(/db +starting +\S+ m?s {2}loading table 7/);
		child.stdin?.write('\u0003');
		const { output, code } = await ended;
		expect(output).toContain('got SIGINT, stopping; once more ends everything by force');
		expect(output).not.toContain('\u001B[33m');
		expect(code).toBe(130);
	});

	test('CMD gets a Ctrl-C once', async () => {
		const folder = folderWith({ db: group.db });
		const cmd = 'trap "echo x >> got" INT; echo CMD runs; until [ -e got ]; do sleep 0.1; done; sleep 0.5; exit 9';
		const { child, ended, seen } = inTerminal(folder, ['run', '--', 'sh', '-c', cmd]);
		await seen(/^CMD runs/m);
		child.stdin?.write('\u0003');
		expect((await ended).code).toBe(9);
		expect(readFileSync(join(folder, 'got'), 'utf8')).toBe('x\n');
	});
});
