/** What the program does with its words, before any service is started. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI, cliFolder, runCli, startCli, startProgram } from '../support/cli.ts';
import { project } from '../support/projects.ts';

test.concurrent('an unknown command and an unknown flag are refused with the nearest one, and exit code 2', async () => {
	const folder = cliFolder();
	const [command, flag] = await Promise.all([
		runCli(folder, ['runn', '--', 'true']),
		runCli(folder, ['run', '--confg', 'x', '--', 'true']),
	]);
	expect(command).toMatchObject({ code: 2, output: '', errors: expect.stringContaining('(Did you mean run?)') });
	expect(flag).toMatchObject({ code: 2, output: '', errors: expect.stringContaining('(Did you mean --config?)') });
});

test.concurrent('without a command it prints its help to stderr, and exits with code 2', async () => {
	const bare = await runCli(cliFolder(), []);
	expect(bare).toMatchObject({ code: 2, output: '', errors: expect.stringMatching(/^Usage: withdaemon/) });
});

test.concurrent('the help of a command goes to stdout, with examples', async () => {
	const help = await runCli(cliFolder(), ['help', 'run']);
	expect(help).toMatchObject({ code: 0, errors: '' });
	expect(help.output).toMatch(/^Usage: withdaemon run \[options\] -- CMD/);
	expect(help.output).toContain('$ withdaemon run -- npm test');
});

test.concurrent('the version is that of the package', async () => {
	const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
	const folder = project({});
	const cli = join(folder, 'node_modules', 'withdaemon', 'dist', 'cli', 'main.js');
	const result = await startCli(cliFolder(), ['--version'], {}, cli).ended;
	expect(result).toMatchObject({ code: 0, output: `${version}\n`, errors: '' });
});

test.concurrent('a command without --, or none, is refused with the place where it belongs', async () => {
	const folder = cliFolder();
	const [bare, none] = await Promise.all([runCli(folder, ['run', 'node', '-e', '1']), runCli(folder, ['run'])]);
	for (const { code, errors } of [bare, none]) {
		expect(code).toBe(2);
		expect(errors).toContain('CMD comes after --, as in `withdaemon run -- npm test`');
	}
});

test.concurrent('a folder in the place of a config file, and an empty CMD, are refused', async () => {
	const folder = cliFolder({ 'withdaemon.config.ts/a/b': '' });
	const [named, empty, found, cmd] = await Promise.all([
		runCli(folder, ['status', '--config', 'withdaemon.config.ts']),
		runCli(folder, ['start', '--config', '']),
		runCli(join(folder, 'withdaemon.config.ts', 'a'), ['status']),
		runCli(folder, ['run', '--service', 'true', '--', '']),
	]);
	const config = join(folder, 'withdaemon.config.ts');
	expect(named).toMatchObject({ code: 2, errors: `${config} is a folder: give --config the path of a config file.\n` });
	expect(empty).toMatchObject({ code: 2, errors: `${folder} is a folder: give --config the path of a config file.\n` });
	expect(found).toMatchObject({ code: 2, errors: `A config file cannot be read: ${config} is a folder.\n` });
	expect(cmd).toMatchObject({ code: 2, errors: 'CMD is empty: give a program after --.\n' });
});

test.concurrent('a config file that is not there is named with its path', async () => {
	const folder = cliFolder();
	const told = `There is no file ${folder}/no/such.ts: give --config the path of a config file.\n`;
	const refused = ['run', 'start', 'status'].map(command =>
		runCli(folder, [command, '--config', 'no/such.ts', ...(command === 'run' ? ['--', 'true'] : [])]),
	);
	for (const { code, errors } of await Promise.all(refused)) {
		expect(errors).toBe(told);
		expect(code).toBe(2);
	}
});

test.concurrent('a working directory that was removed is named, and not the program that was looked for from there', async () => {
	const sh = 'd=$PWD && mkdir gone && cd gone && rmdir "$d/gone" && exec "$@"';
	const started = ['run --service x -- true', 'status'].map(
		words => startProgram(cliFolder(), ['sh', '-c', sh, 'sh', process.execPath, CLI, ...words.split(' ')]).ended,
	);
	for (const { code, errors } of await Promise.all(started)) {
		expect(errors).toBe(
			'The working directory was removed, or cannot be reached: change to another one. ' +
				'If it was made anew, `cd "$PWD"` leads into it.\n',
		);
		expect(code).toBe(2);
	}
});

test.skipIf(!existsSync('/dev/full')).concurrent('a full disk for its output is no success', async () => {
	const sh = ['sh', '-c', `'${process.execPath}' '${CLI}' ps --json > /dev/full`];
	const full = await startProgram(cliFolder(), sh).ended;
	expect(full.errors).toMatch(/^withdaemon: its output is not complete: ENOSPC: .*\n$/);
	expect(full.code).toBe(1);
});
