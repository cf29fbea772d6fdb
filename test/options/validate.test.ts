import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { Daemon, type DaemonOptions, InvalidOptionError, Server, startDaemon, withDaemon } from '../../src/index.ts';
import { readGiven } from '../../src/options/validate.ts';

const core = { name: 'x', pidFile: '/dev/null', startupCommand: 'sleep 1' };

const mistyped = (option: string, word: string, meant: string) =>
	`\`${option}\` uses {${word}}, which nothing fills in. Did you mean {${meant}}?`;

/** The problems of these options for a `Daemon`, on top of valid ones. */
function problemsOf(options: Record<string, unknown>): readonly string[] {
	try {
		new Daemon({ ...core, ...options } as typeof core);
	} catch (error) {
		expect(error).toBeInstanceOf(InvalidOptionError);
		return (error as InvalidOptionError).problems;
	}
	return [];
}

test('what was given is read once, also by a prototype, and nothing is added to it', () => {
	let reads = 0;
	const prototype = {
		get name() {
			reads += 1;
			return 'x';
		},
	};
	const options = Object.assign(Object.create(prototype), { timeout: 5, unknown: 1, cwd: undefined });
	expect(readGiven(options, 'Daemon')).toStrictEqual({ timeout: 5, unknown: 1, name: 'x' });
	expect(reads).toBe(1);
});

describe('a Daemon', () => {
	test('names everything that is missing in one error', () => {
		const make = () => new Daemon({} as typeof core);
		expect(make).toThrow('These options are required: name, pidFile, startupCommand.');
	});

	test('treats undefined as absent, and so do its types', () => {
		const options: DaemonOptions = { startupCommand: 'x', afterFork: undefined, cwd: undefined, logger: undefined };
		expect(problemsOf({ ...options })).toEqual([]);
		new Server('x', { run: () => {}, interval: undefined, pidFile: undefined, maximumIterations: undefined });
	});

	test('accepts the required options alone', () => {
		expect(problemsOf({})).toEqual([]);
		expect(problemsOf({ startupCommand: undefined, server: ['sleep', '1'] })).toEqual([]);
	});

	test.each([
		[
			{ startupComand: 'x' },
			'Unknown option `startupComand`, with the value "x" (string). Did you mean `startupCommand`?',
		],
		[{ logfile: 'x' }, 'Unknown option `logfile`, with the value "x" (string). Did you mean `logFile`?'],
		[{ zzzzzzzzzzzz: 1 }, 'Unknown option `zzzzzzzzzzzz`, with the value 1 (number).'],
		[
			{ timeout: '5s' },
			'Expected `timeout` to be a number of milliseconds from 1 to 2147483647, but got "5s" (string).',
		],
		[{ timeout: 0 }, 'Expected `timeout` to be a number of milliseconds from 1 to 2147483647, but got 0 (number).'],
		[
			{ startupTimeout: Number.POSITIVE_INFINITY },
			'Expected `startupTimeout` to be a number of milliseconds from 1 to 2147483647, but got Infinity (number).',
		],
		[{ forking: 'yes' }, 'Expected `forking` to be a boolean, but got "yes" (string).'],
		[{ name: ' ' }, 'Expected `name` to be a string that is not empty and has no null byte, but got " " (string).'],
		[
			{ name: 'a\0b' },
			'Expected `name` to be a string that is not empty and has no null byte, but got "a\\u0000b" (string).',
		],
		[
			{ lookFor: 'ready\n', logFile: 'x.log' },
			'Expected `lookFor` to be a string that is not empty and has no line break, as each line is searched by itself, or a RegExp, but got "ready\\n" (string).',
		],
		[{ pidFile: 7 }, 'Expected `pidFile` to be a path or a PidFile, but got 7 (number).'],
		[
			{ startupCommand: [] },
			'Expected `startupCommand` to be a command (a string or an array of strings and numbers), a function, { function, args }, { module, export, args } or a Server, but got [] (array).',
		],
		[
			{ startupCommand: ['a', true] },
			"Expected `startupCommand` to be a command (a string or an array of strings and numbers), a function, { function, args }, { module, export, args } or a Server, but got [ 'a', true ] (array).",
		],
		[
			{ startupCommand: 7 },
			'Expected `startupCommand` to be a command (a string or an array of strings and numbers), a function, { function, args }, { module, export, args } or a Server, but got 7 (number).',
		],
		[
			{ shutdownCommand: 99 },
			'Expected `shutdownCommand` to be a signal that can end a process, a command, a function or a Server, but got 99 (number).',
		],
		[
			{ shutdownCommand: true },
			'Expected `shutdownCommand` to be a signal that can end a process, a command, a function or a Server, but got true (boolean).',
		],
		[
			{ shutdownCommand: 'SIGSTOP' },
			'Expected `shutdownCommand` to be a signal that can end a process, a command, a function or a Server, but got "SIGSTOP" (string).',
		],
		[
			{ lookFor: 5 },
			'Expected `lookFor` to be a string that is not empty and has no line break, as each line is searched by itself, or a RegExp, but got 5 (number).',
		],
		[
			{ lookFor: '' },
			'Expected `lookFor` to be a string that is not empty and has no line break, as each line is searched by itself, or a RegExp, but got "" (string).',
		],
		[{ nochdir: 'yes' }, 'Expected `nochdir` to be a boolean, but got "yes" (string).'],
		[
			{ env: { A: true } },
			'Expected `env` to be an object whose values are strings, numbers or undefined, but A is true (boolean).',
		],
		[{ umask: 0o1000 }, 'Expected `umask` to be a whole number from 0 to 0o777, but got 512 (number).'],
		...[[256], [-1], [], 1].map(successExitCodes => [
			{ successExitCodes },
			expect.stringContaining('Expected `successExitCodes` to be an array of whole numbers from 0 to 255, but got '),
		]),
		[{ killMode: 'tree' }, "Expected `killMode` to be 'group' or 'process', but got \"tree\" (string)."],
		[{ diagnosticSignal: 'SIGNOPE' }, 'Expected `diagnosticSignal` to be a signal, but got "SIGNOPE" (string).'],
		[
			{ logger: { info() {} } },
			'Expected `logger` to be an object with the methods debug, info, warn and error, but got { info } (object).',
		],
		[{ cwd: null }, 'Expected `cwd` to be a path or a file: URL, but got null.'],
		[{ cwd: new URL('file://host/tmp') }, 'Expected `cwd` to be a path or a file: URL, but got file://host/tmp (URL).'],
		[{ cwd: new URL('file:///a%2fb') }, 'Expected `cwd` to be a path or a file: URL, but got file:///a%2fb (URL).'],
		[{ cwd: new URL('file:///a%00b') }, 'Expected `cwd` to be a path or a file: URL, but got file:///a%00b (URL).'],
		[{ cwd: new URL('http://x/') }, 'Expected `cwd` to be a path or a file: URL, but got http://x/ (URL).'],
		[{ cwd: '/tmp', nochdir: true }, '`cwd` and `nochdir` contradict each other: give one.'],
		[{ stdin: 'pipe' }, "Expected `stdin` to be 'null' or 'open', but got \"pipe\" (string)."],
		[{ stdin: 'open', noclose: true }, '`stdin` and `noclose` contradict each other: give one.'],
		[{ server: 'sleep 1' }, '`server` is another name for `startupCommand`: give one.'],
		[{ lookFor: 'x' }, '`lookFor` reads the log, but without a `logFile` there is none.'],
		[{ inactivityTimeout: 5 }, '`inactivityTimeout` reads the log, but without a `logFile` there is none.'],
		[
			{ port: -1 },
			"Expected `port` to be 'auto', a whole number from 0 to 65535, or { port, protocol: 'udp' } with one of these, but got -1 (number).",
		],
		[
			{ port: 65_536 },
			"Expected `port` to be 'auto', a whole number from 0 to 65535, or { port, protocol: 'udp' } with one of these, but got 65536 (number).",
		],
		[
			{ port: '80' },
			"Expected `port` to be 'auto', a whole number from 0 to 65535, or { port, protocol: 'udp' } with one of these, but got \"80\" (string).",
		],
		...[{ http: 'any' }, { 'my-http': 80 }, { '1st': 80 }, ['auto']].map(ports => [
			{ ports },
			expect.stringContaining(
				"Expected `ports` to be an object of names (letters, digits, _) with 'auto', whole numbers from 0 to 65535, or { port, protocol: 'udp' } with one of these, but got ",
			),
		]),
		...[0, 'x.sock', ['auto'], {}, { fd: 'auto' }, { 'a-b': 'auto' }, { a: '/{listen.b}', b: 1 }].map(listen => [
			{ listen },
			expect.stringContaining(
				"Expected `listen` to be 'auto', a whole number from 1 to 65535, a path that contains a /, or an object of 1 to 5 names (letters, digits, _, but not fd) with these, but got ",
			),
		]),
		[
			{ listen: { a: 'auto', b: 'auto', c: 'auto', d: 'auto', e: 'auto', f: 'auto' } },
			expect.stringContaining('but got { a, b, c, d, e, f } (object).'),
		],
		[{ startupCommand: 'a {listen}' }, '`startupCommand` uses {listen}, but no `listen` is asked for.'],
		[
			{ startupCommand: 'a {listen}', listen: { a: 1 } },
			'`startupCommand` uses {listen}, but `listen` only fills in {listen.a}, {listen.a.fd}.',
		],
		[{ listen: '{dir}/x.sock' }, '`listen` uses {dir}, but there is no such thing here.'],
		[
			{ ports: { a: 1 }, listen: { a: 'auto' } },
			'`ports` and `listen` both have a, which would be one in `daemon.ports`: rename one.',
		],
		[{ port: 1, listen: 1 }, '`listen` is 1, as another port or socket is: give each its own.'],
		[{ listen: 'auto', env: { LISTEN_FDS: 1 } }, '`env` sets LISTEN_FDS, as `listen` does: give one.'],
		[{ startupCommand: 'a {port}' }, '`startupCommand` uses {port}, but no `port` is asked for.'],
		[{ cwd: '/{port}', ports: { a: 1 } }, '`cwd` uses {port}, but no `port` is asked for.'],
		[{ env: { A: '{ports.http}' }, port: 1 }, '`env` uses {ports.http}, but `ports` has no http.'],
		[
			{ shutdownCommand: 'a {ports.a-b}', ports: { a: 1 } },
			'`shutdownCommand` uses {ports.a-b}, but `ports` has no a-b.',
		],
		[
			{ startupCommand: { module: '/x.mjs', args: [{ a: ['{port}'] }] } },
			'`startupCommand` uses {port}, but no `port` is asked for.',
		],
		[{ startupCommand: 'a {prot}', env: { A: '{port}' }, port: 1 }, mistyped('startupCommand', 'prot', 'port')],
		[{ startupCommand: ['a', '--pid={pidfile}'] }, mistyped('startupCommand', 'pidfile', 'pidFile')],
		[{ env: { A: '{pid_file}' } }, mistyped('env', 'pid_file', 'pidFile')],
		[
			{ port: 'auto' },
			"`port` is 'auto', but nothing tells the daemon which port that is: put {port} into the command, `env` or `cwd`.",
		],
		[
			{ ports: { http: 'auto', admin: 9000 } },
			"`ports.http` is 'auto', but nothing tells the daemon which port that is: put {ports.http} into the command, `env` or `cwd`.",
		],
		...['SIGTREM', 'sigterm', 'SIGTER'].map(shutdownCommand => [
			{ shutdownCommand },
			expect.stringMatching(`but got "${shutdownCommand}" \\(string\\). Did you mean \`SIGTERM\`\\?$`),
		]),
		[
			{ command: 'npm start' },
			'Unknown option `command`, with the value "npm start" (string). Here it is `startupCommand`.',
		],
		...['url', 'readyWhen', 'waitOn'].map(word => [{ [word]: 1 }, expect.stringMatching(/Here `ready` /)]),
		[{ reuseExistingServer: true }, expect.stringMatching(/A daemon is always started anew/)],
		[{ enviroment: { PASSWORD: 'secret' } }, 'Unknown option `enviroment`, with the value { PASSWORD } (object).'],
		[
			{ env: { PASSWORD: 'secret', PORT: true, HOME: null } },
			'Expected `env` to be an object whose values are strings, numbers or undefined, but PORT is true (boolean), HOME is null.',
		],
		[
			{ env: [true] },
			'Expected `env` to be an object whose values are strings, numbers or undefined, but got [ true ] (array).',
		],
		[
			{ timeout: `\u001B[2J\u009B${'x'.repeat(1000)}` },
			`Expected \`timeout\` to be a number of milliseconds from 1 to 2147483647, but got "\\u001b[2J\uFFFD${'x'.repeat(69)} … and 932 characters more (string).`,
		],
		[{ startupCommand: 'a {dir}' }, '`startupCommand` uses {dir}, but there is no such thing here.'],
		[{ env: { A: '{logFile}' } }, '`env` uses {logFile}, but there is no such thing here.'],
	])('refuses %j', (options, problem) => {
		expect(problemsOf(options)).toEqual([problem]);
	});

	test('accepts ports, and leaves text alone that only looks like one', () => {
		const startupCommand = [
			'a',
			'{port}',
			'{ports.http_2}',
			'${port}',
			'${ports.none}',
			'{ports}',
			'{ port }',
			'{{port_}}',
			'%{prot}',
		];
		expect(problemsOf({ startupCommand, port: 'auto', ports: { http_2: 65_535, constructor: 1 } })).toEqual([]);
		expect(problemsOf({ startupCommand: ['a', '${port}'], ports: {} })).toEqual([]);
	});

	test('names several faults in one error, each on its line', () => {
		const make = () => new Daemon({ ...core, timeout: -1, nochdir: 1 } as never);
		expect(make).toThrow(/^x has 2 invalid options\n {2}option +Expected `timeout`.*\n +Expected `nochdir`/);
	});

	test('refuses a value that is not an object', () => {
		expect(() => new Daemon(null as never)).toThrow('The options have to be an object, but got null.');
	});

	test('shows even a value that cannot be written as JSON', () => {
		const circle: Record<string, unknown> = {};
		circle['self'] = circle;
		expect(problemsOf({ cwd: circle })[0]).toContain('but got { self } (object).');
	});
});

describe('a helper', () => {
	test.each([
		[{}, 'These options are required: startupCommand.'],
		[{ startupCommand: 'sleep 1', timout: 5 }, 'Did you mean `timeout`?'],
		[{ startupCommand: 'sleep 1', noclose: true, lookFor: 'x' }, 'with `noclose` the output goes to the caller'],
	])('refuses %j before anything is started', async (options, problem) => {
		const before = readdirSync(tmpdir());
		await expect(withDaemon(options as unknown as DaemonOptions, () => {})).rejects.toThrow(problem);
		await expect(startDaemon(options as unknown as DaemonOptions)).rejects.toThrow(InvalidOptionError);
		expect(readdirSync(tmpdir())).toEqual(before);
	});

	test('does not compile without a command', async () => {
		// @ts-expect-error: neither `startupCommand` nor `server`.
		const options: DaemonOptions = { lookFor: 'ready' };
		await expect(startDaemon(options)).rejects.toThrow('These options are required: startupCommand.');
		expect({ server: 'x' } satisfies DaemonOptions).toBeDefined();
	});

	test('refuses to be called without a function', async () => {
		const run = withDaemon({ startupCommand: 'sleep 1' }, undefined as never);
		await expect(run).rejects.toThrow('`withDaemon` needs a function as its second argument');
	});

	test.each([
		['redis-server --port 0', 'redis-server'],
		[['/usr/bin/redis-server'], 'redis-server'],
		['node --inspect dist/server.js', 'server.js'],
		[['python3', '-u', 'app.py'], 'app.py'],
		[['sh', '-c', 'echo hello; sleep 1'], 'sh'],
	])('calls %j %s', async (startupCommand, name) => {
		const start = startDaemon({ startupCommand, env: { PATH: '/nowhere' }, cwd: '/nowhere' });
		await expect(start).rejects.toMatchObject({ daemon: name });
	});
});
