import { describe, expect, test } from 'vitest';
import { findExecutable, toArgv } from '../../src/launch/command.ts';

describe('toArgv()', () => {
	const argvOf = (command: string | readonly string[]) => toArgv(command, { dir: '/tmp/a b', pidFile: undefined });

	test('an array is used unchanged, whatever it contains', () => {
		expect(argvOf(['echo', '$HOME; rm -rf *', ''])).toEqual(['echo', '$HOME; rm -rf *', '']);
	});

	test('a string without shell syntax is split at its spaces', () => {
		expect(argvOf('  redis-server --port   6391 --dir=/var/x:y,z@w%1+2 ')).toEqual([
			'redis-server',
			'--port',
			'6391',
			'--dir=/var/x:y,z@w%1+2',
		]);
	});

	test.each([
		'a | b',
		'a && b',
		'a; b',
		'a > b',
		'a < b',
		'a $HOME',
		'a `b`',
		'a "b c"',
		"a 'b c'",
		'a *.txt',
		'a b\\ c',
		'FOO=bar a',
		'exec a',
		'a &',
		'{ a; }',
		'a # b',
	])('%j goes to sh', command => {
		expect(argvOf(command)).toEqual(['/bin/sh', '-c', command]);
	});

	test('a placeholder with shell syntax is refused in a command for a shell', () => {
		expect(argvOf('echo {pidFile} | cat')).toEqual(['/bin/sh', '-c', 'echo {pidFile} | cat']);
		expect(() => argvOf('ls {dir} | cat')).toThrow(
			"cannot use {dir}, as '/tmp/a b' is more than one word: give an array",
		);
	});

	test('a placeholder is not shell syntax, and its value is not split', () => {
		expect(argvOf('a --dir {dir}')).toEqual(['a', '--dir', '/tmp/a b']);
	});
});

describe('findExecutable()', () => {
	test('a bare name is looked up in PATH, in its order', () => {
		expect(findExecutable('sh', '/', '/nonexistent:/bin:/usr/bin')).toBe('/bin/sh');
		expect(findExecutable('sh', '/', '/usr/bin:/bin')).toBe('/usr/bin/sh');
	});

	test("without PATH the system's own folders are searched", () => {
		expect(findExecutable('sh', '/', undefined)).toBe('/bin/sh');
	});

	test('an empty entry of PATH is the working directory', () => {
		expect(findExecutable('sh', '/usr/bin', '')).toBe('/usr/bin/sh');
	});

	test('a path is relative to the working directory of the daemon', () => {
		expect(findExecutable('./bin/sh', '/usr', '/bin')).toBe('/usr/bin/sh');
	});
});
