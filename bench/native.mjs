/** Compiles the programs in C: the daemon that is measured with, the lower bound, and what surrounds them. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from './machine.mjs';

const PROGRAMS = /** @type {const} */ (['fixture', 'command', 'subreaper', 'crowd', 'c-host']);

/**
 * @typedef {Record<(typeof PROGRAMS)[number], string>} Native the path of each program
 */

const names = process.env['CC'] ? [process.env['CC']] : ['cc', 'gcc', 'clang'];

export const findCompiler = () => names.find(name => findProgram(name));

export const NO_COMPILER =
	`The bench measures with a daemon in C and found no compiler (${names.join(', ')}). ` +
	'Install one, such as with `apt-get install gcc libc6-dev`, or name it in the variable CC.';

/**
 * @param {string} compiler
 * @param {string} folder for the programs
 * @returns {Native}
 */
export function compile(compiler, folder) {
	const paths = PROGRAMS.map(name => {
		const source = fileURLToPath(new URL(`native/${name}.c`, import.meta.url));
		execFileSync(compiler, ['-O2', '-o', join(folder, name), source], { stdio: ['ignore', 'inherit', 'inherit'] });
		return [name, join(folder, name)];
	});
	return Object.fromEntries(paths);
}
