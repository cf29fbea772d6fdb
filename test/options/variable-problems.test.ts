import { expect, test } from 'vitest';
import { startDaemon, startDaemons } from '../../src/index.ts';
import { findVariableProblems } from '../../src/options/variable-problems.ts';

test('a variable that C would read in another way is named, and its value is not shown', async () => {
	const env = { 'A=B': 'c', '': 'c', 'N\0': 'c', KEY: 'secret\0', 'spring.x': 'a=b\n', PORT: 1, GONE: undefined };
	expect(findVariableProblems('env', env)).toEqual([
		'Expected the names in `env` not to be empty, and to have no = or null byte, but got "A=B" (string).',
		'Expected the names in `env` not to be empty, and to have no = or null byte, but got "" (string).',
		'Expected the names in `env` not to be empty, and to have no = or null byte, but got "N\\u0000" (string).',
		'Expected `env.KEY` to have no null byte.',
	]);
	await expect(startDaemon({ startupCommand: 'sleep 1000', env })).rejects.toThrow('invalid options');
});

test('what a member exports is checked before anything is started, also if a function returns its options', async () => {
	const group = {
		plain: { startupCommand: 'x', exports: { 'A=B': 'c', TOKEN: 'secret\0' } },
		later: { options: () => ({ startupCommand: 'x' }), exports: { 'A=C': 'c', KEY: 'secret\0' } },
	};
	await expect(startDaemons(group)).rejects.toMatchObject({
		problems: [
			'plain: Expected the names in `exports` not to be empty, and to have no = or null byte, but got "A=B" (string).',
			'plain: Expected `exports.TOKEN` to have no null byte.',
			'later: Expected the names in `exports` not to be empty, and to have no = or null byte, but got "A=C" (string).',
			'later: Expected `exports.KEY` to have no null byte.',
		],
	});
});
