/**
 * Runs in the daemon's process: talks to the caller over the launcher's socket, in lines. The caller sends one task,
 * and the daemon reports the errors that it did not catch. CommonJS, as Node starts 5 ms faster without its loader of
 * ES modules, which a function may not need.
 */
const { readSync, writeSync } = require('node:fs');
const { inspect } = require('node:util');

/**
 * A function by its source. Its imports are relative to `file`, which is also its name in stacks. `args` is empty, or
 * an array by `v8.serialize`, in base64.
 * @typedef {{ kind: 'function', source: string, file: string, args: string }} FunctionCall
 *
 * An export of a module by its name. It is called or, if it is a `Server`, started with this PID file.
 * @typedef {{ kind: 'export', module: string, name: string, args: string, pidFile: SharedPidFile }} ExportCall
 *
 * A `Server` by its own name, whatever the name of the export.
 * @typedef {{ kind: 'server', module: string, name: string, pidFile: SharedPidFile }} ServerCall
 *
 * The caller's PID file: its exact path, and its mode if it is not the default one.
 * @typedef {{ path: string, mode?: number }} SharedPidFile
 *
 * @typedef {FunctionCall | ExportCall | ServerCall} Call
 *
 * `start` is what to call, or the argument vector of the command to become, which begins with a path.
 * @typedef {{ afterFork?: Call | undefined, beforeExec?: Call | undefined, start: Call | readonly string[] }} Task
 */

/**
 * `properties` are `code`, `errno`, `syscall`, `path` and all others whose value is plain.
 * @typedef {{
 *   name: string, message: string, stack: string, properties: object, cause?: Plain, errors?: Plain[]
 * }} PlainError
 * @typedef {{ error: PlainError } | { value: string }} Plain
 */

/** The descriptor of the launcher's socket. The sockets that a daemon inherits begin with 3. */
const SOCKET = 8;

/** Undefined if the caller is gone. @returns {Task | undefined} */
function receiveTask() {
	const chunks = [];
	for (;;) {
		const chunk = Buffer.alloc(65_536);
		// The read blocks, as there is nothing else to do before the line has arrived.
		const length = readSync(SOCKET, chunk);
		if (length === 0) return undefined;
		chunks.push(chunk.subarray(0, length));
		if (chunk[length - 1] === NEWLINE) return JSON.parse(Buffer.concat(chunks).toString());
	}
}

const NEWLINE = 10;

/** Reports each uncaught error to the caller, and leaves the rest to Node. */
function reportErrors() {
	process.on('uncaughtExceptionMonitor', error => {
		if (!isOver) reportError(error);
	});
}

let isOver = false;

/** Reports an uncaught error to the caller: `fatal` if it ends Node. @param {unknown} thrown */
function reportError(thrown) {
	isOver = process.listenerCount('uncaughtException') === 0 && !process.hasUncaughtExceptionCaptureCallback();
	tell(`${isOver ? 'fatal' : 'error'} ${Buffer.from(JSON.stringify(toPlain(thrown))).toString('base64')}`);
}

/** Reports that the user's code has started. */
function reportBegun() {
	tell('begun');
}

/** @param {string} line */
function tell(line) {
	try {
		writeSync(SOCKET, `${line}\n`);
	} catch {
		// EPIPE: the caller is gone, or it has released the daemon.
	}
}

/** How far a chain of causes is followed, as it may lead back to itself. */
const DEPTH = 8;

/** @param {unknown} thrown @returns {Plain} */
function toPlain(thrown, depth = 0) {
	if (!isError(thrown)) return { value: typeof thrown === 'string' ? thrown : inspect(thrown) };
	const { name, message, stack, cause, errors } = thrown;
	return {
		error: {
			name: String(name),
			message: String(message),
			stack: String(stack),
			properties: propertiesOf(thrown),
			...(cause === undefined || depth === DEPTH ? {} : { cause: toPlain(cause, depth + 1) }),
			...(Array.isArray(errors) && depth < DEPTH ? { errors: errors.map(error => toPlain(error, depth + 1)) } : {}),
		},
	};
}

/** The properties that have places of their own in a `PlainError`. */
const STANDARD = new Set(['name', 'message', 'stack', 'cause', 'errors']);
/** @param {object} thrown */
function propertiesOf(thrown) {
	// The descriptors are read, as a getter may throw.
	const own = Object.entries(Object.getOwnPropertyDescriptors(thrown));
	return Object.fromEntries(
		own.filter(([key, { value }]) => !STANDARD.has(key) && isPrimitive(value)).map(([key, { value }]) => [key, value]),
	);
}

const isPrimitive = (/** @type {unknown} */ value) => ['string', 'number', 'boolean'].includes(typeof value);

/** @param {unknown} thrown @returns {thrown is Error & { errors?: unknown }} */
function isError(thrown) {
	// Checked by shape: errors of a vm context have another `Error`.
	return typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'stack' in thrown;
}

module.exports = { receiveTask, reportBegun, reportError, reportErrors };
