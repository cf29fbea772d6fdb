import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { cliFolder, runCli } from '../support/cli.ts';
import { project } from '../support/projects.ts';

const messageOf = async (file: string) => await loadConfig(file).then(String, error => String(error.message));

describe('a config that is not valid', () => {
	test('is named with every option, its value and what was expected', async () => {
		const folder = cliFolder({
			'one.json': { db: { startupCommand: 'x', port: 'any' } },
			'two.json': { db: { startupCommand: 'x', timout: 1 }, api: { startupCommand: 'x', dependsOn: 'bd' } },
		});
		expect(await messageOf(join(folder, 'one.json'))).toBe(
			`${folder}/one.json: db: Expected \`port\` to be 'auto', a whole number from 0 to 65535, or { port, protocol: 'udp' } with one of these, but got "any" (string).`,
		);
		expect(await messageOf(join(folder, 'two.json'))).toBe(
			[
				`${folder}/two.json has 2 invalid options`,
				'  option       db: Unknown option `timout`, with the value 1 (number). Did you mean `timeout`?',
				'               api: Expected `dependsOn` to name other members of the group, but got "bd" (string). Did you mean `db`?',
			].join('\n'),
		);
	});

	test('is named with what it exports if that is no group', async () => {
		const folder = cliFolder({ 'empty.mjs': '' });
		expect(await messageOf(join(folder, 'empty.mjs'))).toBe(
			`${folder}/empty.mjs: Expected a group of daemons as default export, but got undefined.`,
		);
	});

	test('is shown with the place of its error, in its own files only', async () => {
		const folder = cliFolder({
			'syntax.mjs': 'export default {\n  db: ;\n};',
			'imports.mjs': "import './syntax.mjs';",
			'calls.mjs': "import { fail } from './fails.mjs';\nfail();",
			'fails.mjs': "export const fail = () => { throw new TypeError('two\\nlines'); };",
			'text.mjs': "throw 'just a text';",
			'broken.json': '\uFEFF{\n  "db": {},\n}',
			'waits.mjs': 'await new Promise(() => {});',
			'package.json': { type: 'commonjs' },
			'common.js': "import 'node:fs';",
		});
		const shown = async (name: string) => {
			const { errors, code } = await runCli(folder, ['status', '--config', name]);
			return [errors.replaceAll(folder, '').replace(/^\S+ It cannot be loaded: /, ''), code];
		};
		const [syntax, imports, calls, text, broken, waits, common] = await Promise.all(
			['syntax.mjs', 'imports.mjs', 'calls.mjs', 'text.mjs', 'broken.json', 'waits.mjs', 'common.js'].map(shown),
		);
		expect(syntax).toEqual(["/syntax.mjs:2\n  db: ;\n      ^\nSyntaxError: Unexpected token ';'\n", 2]);
		expect(imports).toEqual(["SyntaxError: Unexpected token ';', in a module that it imports\n", 2]);
		const frames = '    at fail (file:///fails.mjs:1:35)\n    at file:///calls.mjs:2:1\n';
		expect(calls).toEqual([`TypeError: two\nlines\n${frames}`, 2]);
		expect(text).toEqual(['just a text\n', 2]);
		expect(broken).toEqual([expect.stringMatching(/^SyntaxError: Expected .* \(line 3 column 1\)\n$/), 2]);
		const hint = 'call it common.mjs, or write "type": "module" into package.json\n';
		expect(common).toEqual([
			expect.stringContaining(`outside a module\nNode does not take it for a module: ${hint}`),
			2,
		]);
		expect(waits).toEqual(['it waits at its top level for a promise that will never be settled\n', 2]);
	});

	test('may be refused by the `defineDaemons` of another copy of the library', async () => {
		const folder = project({
			'withdaemon.config.mjs': `import { defineDaemons } from 'withdaemon';
				export default defineDaemons({ db: { startupCommand: 'x', timeout: 'long' } });`,
		});
		expect(await messageOf(join(folder, 'withdaemon.config.mjs'))).toMatch(
			/withdaemon\.config\.mjs: db: Expected `timeout` to be .*, but got "long" \(string\)\.$/,
		);
	});
});

describe('a config in TypeScript', () => {
	const typed = "const name: string = 'sleep';\nexport default { db: { startupCommand: [name, '1000'] } };";
	const strips = 'typescript' in process.features && process.features.typescript;

	test.for([
		// Node itself runs a module in a package of the type `commonjs` only by the name `.mts`.
		{ type: 'commonjs', file: strips ? 'withdaemon.config.mts' : 'withdaemon.config.ts' },
		{ type: 'module', file: 'withdaemon.config.ts' },
	])('is loaded by Node, or else by tsx, in a package of the type $type', async ({ type, file }) => {
		const folder = cliFolder({ [file]: typed, 'package.json': { type } });
		symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'));
		const cmd = ['run', '--', 'echo', 'ran'];
		expect(await runCli(folder, cmd)).toMatchObject({ code: 0, output: 'ran\n' });
	});

	test('is shown with the line that is not valid', async () => {
		const folder = cliFolder({ 'withdaemon.config.ts': 'const a: string = 1;\nexport default { b: ; };' });
		symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'));
		const refused = await runCli(folder, ['status']);
		expect(refused.code).toBe(2);
		expect(refused.errors).toMatch(/withdaemon\.config\.ts:2\b/);
		expect(refused.errors).not.toMatch(/^\s+at /m);
	});

	test.skipIf(strips)('is refused if neither is there, and the error says what to install', async () => {
		const folder = cliFolder({ 'withdaemon.config.ts': typed });
		const refused = await runCli(folder, ['run', '--', 'true']);
		expect(refused.code).toBe(2);
		expect(refused.errors).toMatch(
			/^withdaemon\.config\.ts: It cannot be loaded: Node \S+ does not run it, and tsx is not installed: install tsx, or use Node 22\.18 or newer\.\n$/,
		);
	});
});
