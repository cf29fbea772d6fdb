import { expect, test } from 'vitest';
import { findPlaceholderProblems } from '../../src/options/placeholder-problems.ts';
import { listening } from '../../src/readiness/index.ts';

test('a name in braces that has the letters of a placeholder was meant to be it if it begins like it', () => {
	const problemsOf = (...names: string[]) =>
		findPlaceholderProblems(
			{ name: 'x', pidFile: 'x.pid', startupCommand: ['x', ...names.map(name => `{${name}}`)], port: 'auto' },
			['pidFile', 'port'],
		);
	expect(problemsOf('port', 'prot', 'PORT')).toEqual([
		'`startupCommand` uses {prot}, which nothing fills in. Did you mean {port}?',
		'`startupCommand` uses {PORT}, which nothing fills in. Did you mean {port}?',
	]);
	expect(problemsOf('port', 'trop', 'rid', 'ports', 'por')).toEqual([]);
});

test('a probe that knows the port does not tell it to the daemon', () => {
	const options = {
		name: 'x',
		pidFile: 'x.pid',
		startupCommand: 'x',
		port: 'auto',
		ready: listening('{port}'),
	} as const;
	expect(findPlaceholderProblems(options, ['pidFile', 'port'])).toEqual([
		"`port` is 'auto', but nothing tells the daemon which port that is: put {port} into the command, `env` or `cwd`.",
	]);
});
