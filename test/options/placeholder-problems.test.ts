import { expect, test } from 'vitest';
import { findPlaceholderProblems } from '../../src/options/placeholder-problems.ts';

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
