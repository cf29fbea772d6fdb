/** Runs in the daemon's process: becomes the command, with the same pid and nothing of Node's own. */
import { accessSync, constants } from 'node:fs';
import { execve } from '../native/execve.mjs';
import { interpreterIn, readStart } from './shebang.mjs';

/** Node ignores them, and what is ignored stays ignored in the next program (execve(2)). */
const IGNORED = /** @type {const} */ (['SIGPIPE', 'SIGXFSZ']);

/**
 * @param {readonly string[]} argv the first is a path
 * @throws a system error, such as ENOENT or EACCES, for the file or for its interpreter
 */
export async function becomeCommand([file = '', ...args]) {
	const argv = [...shellFor(file), file, ...args];
	// A handler that comes and goes leaves the default behind: with the last one libuv resets the signal.
	for (const signal of IGNORED) process.once(signal, ignore).off(signal, ignore);
	for (const stream of [process.stdout, process.stderr]) makeBlocking(stream);
	await execve(argv[0] ?? '', argv, process.env);
}

function ignore() {}

/** Node writes to a pipe without waiting; a program that inherits it so would fail with EAGAIN. @param {object} stream */
function makeBlocking(stream) {
	/** @type {{ _handle?: { setBlocking?(isBlocking: boolean): void } }} */ (stream)._handle?.setBlocking?.(true);
}

/**
 * Looks at the file as the kernel will, as Node 22 and 24 abort when their execve fails. Answers the shell that execvp(3)
 * would give it to: for a text without a first line that names an interpreter.
 *
 * @param {string} file
 */
function shellFor(file) {
	accessSync(file, constants.X_OK);
	const start = readStart(file);
	const interpreter = interpreterIn(start);
	if (interpreter !== undefined) accessSync(interpreter, constants.X_OK);
	const isText = !start.includes('\0') && !start.startsWith('#!');
	return isText ? ['/bin/sh'] : [];
}
