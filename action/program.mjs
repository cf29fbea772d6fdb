/** Finds the program `withdaemon` of a project, and runs it in a step of GitHub Actions. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

/**
 * The program in the nearest `node_modules`: the version that the tests use, too.
 *
 * @param {string} folder
 * @returns {string | undefined}
 */
export function findProgram(folder) {
	const program = join(folder, 'node_modules', '.bin', 'withdaemon');
	if (existsSync(program)) return program;
	return dirname(folder) === folder ? undefined : findProgram(dirname(folder));
}

/**
 * Its shebang finds the Node of the project; the one that runs this file belongs to the runner.
 *
 * @param {string} program
 * @param {readonly string[]} words
 * @param {{ cwd: string, stdout?: 'inherit' | 'pipe' }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function run(program, words, { cwd, stdout = 'inherit' }) {
	const child = spawn(program, words, { cwd, stdio: ['ignore', stdout, 'inherit'] });
	/** @type {NodeJS.Signals[]} */
	const signals = ['SIGINT', 'SIGTERM'];
	// A job that is cancelled: the runner signals this process alone.
	const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
	for (const signal of signals) process.on(signal, pass);
	const exited = new Promise(resolve => {
		child.once('error', error => {
			annotate(`${program} cannot be run: ${error.message}`);
			resolve(127);
		});
		child.once('close', code => resolve(code ?? 1));
	});
	const output = child.stdout ? await text(child.stdout) : '';
	const code = await exited;
	for (const signal of signals) process.off(signal, pass);
	return { code, output };
}

/** @param {string} message */
export function annotate(message) {
	const escaped = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
	console.log(`::error title=withdaemon::${escaped}`);
}
