import { expect, test } from 'vitest';
import { type DaemonOptions, InvalidOptionError, Server, withDaemon } from '../../src/index.ts';
import * as around from '../support/fixtures.ts';

const run = () => {};

/** The problems that are reported before anything is started. */
async function problemOf(options: Record<string, unknown>): Promise<string> {
	const error: unknown = await withDaemon(options as unknown as DaemonOptions, () => 'is ready').catch(
		reason => reason,
	);
	expect(error).toBeInstanceOf(InvalidOptionError);
	return (error as InvalidOptionError).message;
}

test.each([
	[
		'an unknown property',
		{ startupCommand: { module: 'x.mjs', exports: 'y' } },
		'`startupCommand`: Unknown option `exports`, with the value "y" (string). Did you mean `export`?',
	],
	[
		'a module of another type',
		{ startupCommand: { module: 7 } },
		'`startupCommand`: Expected `module` to be a path or a file: URL, but got 7 (number).',
	],
	[
		'a module from the network',
		{ startupCommand: { module: new URL('http://127.0.0.1/x.mjs') } },
		'`startupCommand`: Expected `module` to be a path or a file: URL, but got http://127.0.0.1/x.mjs (URL).',
	],
	[
		'a module with a null byte in its path',
		{ startupCommand: { module: new URL('file:///a%00b.mjs') } },
		'`startupCommand`: Expected `module` to be a path or a file: URL, but got file:///a%00b.mjs (URL).',
	],
	[
		'arguments that are no array',
		{ server: { function: () => {}, args: 'x' } },
		'`server`: Expected `args` to be an array, but got "x" (string).',
	],
	[
		'arguments that cannot be copied',
		{ beforeExec: { function: () => {}, args: [() => 1] }, startupCommand: 'x' },
		'`beforeExec`: its args cannot be copied to another process: () => 1 could not be cloned.',
	],
	[
		'a bound function',
		{ startupCommand: function serve(this: unknown) {}.bind(null) },
		'`startupCommand`: the function bound serve is built in or bound, so it has no source text to run elsewhere: wrap it in a function.',
	],
	[
		'a class',
		{ afterFork: class Hook {}, startupCommand: 'x' },
		'`afterFork`: Hook is a class: a function is expected, or a module that exports a Server.',
	],
	[
		'a generator',
		{ startupCommand: async function* serve() {} },
		'`startupCommand`: the function serve is a generator, whose values nothing would read: a plain or async function is expected.',
	],
	[
		'a method with a computed name',
		{ startupCommand: { [`serve${1}`]() {} }.serve1 },
		'`startupCommand`: the function serve1 is a method with a computed name, whose text means nothing elsewhere: wrap it in a function.',
	],
	[
		'a URL that is no path',
		{ startupCommand: { module: 'file:///a%2Fb.mjs' } },
		'`startupCommand`: Expected `module` to be a path or a file: URL, but got "file:///a%2Fb.mjs" (string).',
	],
	[
		'a Server of a test file',
		{ server: new Server('Here', { run }) },
		`\`server\`: the Server 'Here' was made in ${import.meta.filename}, which its process cannot import: give it a file of its own.`,
	],
	[
		'a function and a module at once',
		{ startupCommand: { module: 'x.mjs', function: () => {} } },
		'Expected `startupCommand` to be a command (a string or an array of strings and numbers), a function, { function, args }, { module, export, args } or a Server, but got { module, function } (object).',
	],
	[
		'a Server as a hook',
		{ startupCommand: 'x', afterFork: new Server('x', { run }) },
		/^Expected `afterFork` to be a function, \{ function, args \} or \{ module, export, args \}, but got \{ name, .* \} \(object\)\.$/,
	],
	[
		'a placeholder for what there is not',
		{ startupCommand: { module: 'x.mjs', args: [{ deep: '{logFile}' }] }, noclose: true },
		'`startupCommand` uses {logFile}, but there is no such thing here.',
	],
])('%s is refused by name', async (_, options, message) => {
	const problem = await problemOf(options);
	if (typeof message === 'string') expect(problem).toBe(message);
	else expect(problem).toMatch(message);
});

test('the imports that a function uses from the file around it are named once each', async () => {
	const startupCommand = () =>
		console.log(around.fixture('x'), around.temporaryFolder(), expect(1), expect, import.meta.url);
	expect(await problemOf({ startupCommand })).toBe(
		"`startupCommand`: the function uses `fixture`, `temporaryFolder`, `expect`, `import.meta` from the surrounding file, which does not exist in the daemon's process: import() it inside the function, pass it in `args`, or name a module, as { module, export }.",
	);
});

test('a Server that was created outside a module has to name one', async () => {
	const server = new Function('Server', 'return new Server("Loose", { run() {} })')(Server) as Server;
	expect(await problemOf({ server })).toBe(
		"`server`: the Server 'Loose' was made outside of a module: name the module that exports it with its option `module`.",
	);
	const named = new Server('Named', { run, module: import.meta.url });
	expect(named.module).toBe(import.meta.filename);
});
