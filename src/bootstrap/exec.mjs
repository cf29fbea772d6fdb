/** Runs in the daemon's process, which becomes the command: it keeps its pid, and nothing of Node is left. */
import { accessSync, constants } from 'node:fs';
import { execve } from '../native/execve.mjs';
import { interpreterIn, readStart } from './shebang.mjs';

/** Node ignores these signals, and an ignored signal stays ignored in the next program (execve(2)). */
const IGNORED = /** @type {const} */ (['SIGPIPE', 'SIGXFSZ']);

/**
 * @param {readonly string[]} argv the first is a path
 * @throws a system error, such as ENOENT or EACCES, for the file or for its interpreter
 */
export async function becomeCommand([file = '', ...args]) {
	const argv = [...shellFor(file), file, ...args];
	// Adding and removing a handler restores the default: libuv resets a signal with its last handler.
	for (const signal of IGNORED) process.once(signal, ignore).off(signal, ignore);
	for (const stream of [process.stdout, process.stderr]) makeBlocking(stream);
	await execve(argv[0] ?? '', argv, process.env, socketsOf(process.env));
}

/**
 * The descriptors of the sockets that were handed to this process (sd_listen_fds(3)).
 *
 * @param {NodeJS.ProcessEnv} env
 */
function socketsOf({ LISTEN_PID: pid, LISTEN_FDS: count }) {
	if (Number(pid) !== process.pid) return [];
	return [...Array(Number(count)).keys()].map(index => 3 + index);
}

function ignore() {}

/** Node makes a pipe non-blocking, and a program that inherits it would fail with EAGAIN. @param {object} stream */
function makeBlocking(stream) {
	/** @type {{ _handle?: { setBlocking?(isBlocking: boolean): void } }} */ (stream)._handle?.setBlocking?.(true);
}

/**
 * Checks the file as the kernel will, because Node 22 and 24 abort when their execve fails. For a text file whose first
 * line names no interpreter, returns the shell that execvp(3) would use.
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
