/** Turns a command as the user wrote it into an argument vector, and finds the file that it names. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { InvalidOptionError } from '../errors.ts';
import { hasCode, systemError } from '../os/errno.ts';
import { fillIn, PLACEHOLDER, type PlaceholderValues, placeholdersIn } from './placeholders.ts';
import { findProjectProgram } from './project-programs.ts';

/**
 * A command. An array is executed directly, never by a shell, and its numbers become strings. A string goes to a shell
 * if it has shell syntax.
 */
export type Command = string | readonly (string | number)[];

/** Only a shell understands quotes, expansions, pipes and lists, or an assignment or `exec` at the start. */
const SHELL_SYNTAX = /[|&;<>()$`\\"'*?[\]{}~!#\n]|^\s*(?:\w+=|exec\s)/;

/** execvp(3) looks here if PATH is not set. */
const DEFAULT_PATH = '/bin:/usr/bin';

export function toArgv(command: Command, values: PlaceholderValues): readonly string[] {
	if (typeof command !== 'string') return command.map(argument => fillIn(String(argument), values));
	if (SHELL_SYNTAX.test(command.replace(PLACEHOLDER, '')))
		return ['/bin/sh', '-c', fillIn(command, assertWords(command, values))];
	return command
		.trim()
		.split(/\s+/)
		.map(argument => fillIn(argument, values));
}

/** Throws unless a shell takes each value as one plain word, inside quotes and outside. */
function assertWords(command: string, values: PlaceholderValues): PlaceholderValues {
	const isWord = (value = '') => /^[\w@%+=:,./-]*$/.test(value);
	const used = placeholdersIn(command);
	const odd = Object.entries(values).find(([name, value]) => used.includes(name) && !isWord(value));
	if (odd === undefined) return values;
	const problem = `A command for a shell cannot use {${odd[0]}}, as '${odd[1]}' is more than one word: give an array.`;
	throw new InvalidOptionError('daemon', [problem]);
}

/**
 * The file of a command: a program that the caller's project has installed, or else what {@link findExecutable} finds.
 */
export function findProgram(file: string, cwd: string, path?: string): string {
	const program = file.includes('/') ? undefined : findProjectProgram(file);
	return program ?? findExecutable(file, cwd, path);
}

/**
 * A hint for a command that was not found: the first element of the array may hold several words, of which the first
 * is a program. Undefined if that is not certain.
 */
export function hintForWords([file = '', ...args]: readonly string[], cwd: string, path?: string): string | undefined {
	const [program = '', ...words] = file.trim().split(/\s+/);
	if (words.length === 0) return undefined;
	try {
		findProgram(program, cwd, path);
	} catch {
		// ENOENT, EACCES: the spaces may be part of a path.
		return undefined;
	}
	const isPlain = !/['"\\]/.test(file);
	const array = [program, ...words, ...args].map(word => `'${word}'`).join(', ');
	return `no shell splits the words of an array: give ${isPlain ? `[${array}]` : 'each word as an element'}`;
}

/**
 * The file that execvp(3) would execute. The caller gets the exact errno before anything is forked.
 *
 * @throws a system error with the file's name: ENOENT, EACCES (also for a folder), ENOTDIR.
 */
export function findExecutable(file: string, cwd: string, path = DEFAULT_PATH): string {
	if (file.includes('/')) {
		const found = resolve(cwd, file);
		assertExecutable(found);
		return found;
	}
	let refused: unknown;
	for (const folder of path.split(delimiter)) {
		const found = resolve(cwd, folder, file);
		try {
			assertExecutable(found);
			return found;
		} catch (error) {
			if (!hasCode(error, 'EACCES', 'ENOENT', 'ENOTDIR')) throw error;
			// Like execvp(3), the search goes on after a file that may not be executed, and remembers it. But a folder of
			// PATH that may not be searched, such as root's, says nothing about the command.
			if (existsSync(found)) refused = error;
		}
	}
	throw refused ?? systemError('ENOENT', 'exec', file);
}

/**
 * The error of a program that could not be executed. execvp(3) says EACCES for one that is nowhere, if the user may not
 * search some folder of PATH: that is ENOENT.
 */
export function explainRefusal(error: unknown, file: string, cwd: string, path?: string): unknown {
	if (!hasCode(error, 'EACCES')) return error;
	try {
		findExecutable(file, cwd, path);
	} catch (exact) {
		// ENOENT, EACCES, ENOTDIR.
		return exact;
	}
	// The kernel refuses more than the search does, such as files of a filesystem that is mounted noexec.
	return error;
}

/** @throws a system error: ENOENT, ENOTDIR, or EACCES if the folder may not be entered. */
export function assertFolder(path: string): void {
	if (!statSync(path).isDirectory()) throw systemError('ENOTDIR', 'chdir', path);
	accessSync(path, constants.X_OK);
}

function assertExecutable(path: string): void {
	accessSync(path, constants.X_OK);
	if (!statSync(path).isFile()) throw systemError('EACCES', 'exec', path);
}
