import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { makeAbsolute } from '../../src/options/absolute.ts';
import { runCaller } from '../support/callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';

test('a start has the paths and the environment that its caller had at the call, whatever it changes then', async () => {
	const folder = temporaryFolder();
	const [first, other] = ['first', 'other'].map(name => join(folder, name)) as [string, string];
	for (const each of [first, other]) mkdirSync(join(each, 'sub'), { recursive: true });
	writeFileSync(join(first, 'daemon.mjs'), 'export default () => setInterval(() => {}, 1000);');
	const { output, errors } = await runCaller('changes-its-surroundings.mjs', [first, other]);
	expect(errors).toBe('');
	const { seen, dir, cwd } = JSON.parse(output);
	const sub = join(first, 'sub');
	expect(seen).toMatchObject([
		{ cwd: first },
		{
			cwd: sub,
			logFile: join(first, 'a.log'),
			pidFile: join(first, 'a.pid'),
			listen: `SOCKET=${join(first, 'a.sock')}`,
		},
		{ cwd: first },
		{ cwd: first },
	]);
	expect(seen).toEqual(seen.map(() => expect.objectContaining({ level: 'LEVEL=first' })));
	expect(cwd).toBe(sub);
	expect(dir).toContain(`${first}/`);
});

test('a path that begins with a placeholder stays as it is, and so does everything else', () => {
	const options = { cwd: '{dir}/a', listen: { a: 'auto', b: 1, c: '{dir}/a.sock' }, startupCommand: './a', env: {} };
	expect(makeAbsolute(options)).toEqual(options);
});

test('a path that has no placeholders may begin with a brace', () => {
	const [pidFile, logFile] = ['{a}.pid', '{a}.log'];
	expect(makeAbsolute({ pidFile, logFile })).toEqual({ pidFile: resolve(pidFile), logFile: resolve(logFile) });
});

test('a module is made absolute wherever it can be given, and nothing else of its option is changed', () => {
	const names = ['startupCommand', 'server', 'afterFork', 'beforeExec'];
	const given = names.map(name => [name, { module: 'a.mjs', args: [1] }]);
	const absolute = names.map(name => [name, { module: resolve('a.mjs'), args: [1] }]);
	expect(makeAbsolute(Object.fromEntries(given))).toEqual(Object.fromEntries(absolute));
});
