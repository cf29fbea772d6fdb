/**
 * Runs in the daemon's process: what it and the caller say to each other over the launcher's socket, a line each. The
 * caller says once what to do, the daemon says which error it did not catch. CommonJS, as Node starts 5 ms sooner without
 * its loader of ES modules, which a function may not need.
 */
const { readSync, writeSync } = require('node:fs');
const { inspect } = require('node:util');

/**
 * A function by its source; `file` is what its imports are relative to, and what it is called in stacks. `args` are
 * empty, or an array by `v8.serialize`, in base64.
 * @typedef {{ kind: 'function', source: string, file: string, args: string }} FunctionCall
 *
 * An export of a module by its name, to be called or, if it is a `Server`, to be started with this PID file.
 * @typedef {{ kind: 'export', module: string, name: string, args: string, pidFile: PidFilePlace }} ExportCall
 *
 * A `Server` by its own name, whatever it is exported as.
 * @typedef {{ kind: 'server', module: string, name: string, pidFile: PidFilePlace }} ServerCall
 *
 * The caller's PID file: its exact path, and its mode if it is not the default one.
 * @typedef {{ path: string, mode?: number }} PidFilePlace
 *
 * @typedef {FunctionCall | ExportCall | ServerCall} Call
 *
 * `start` is what to call, or the argument vector of the command to become; its first is a path.
 * @typedef {{ afterFork?: Call | undefined, beforeExec?: Call | undefined, start: Call | readonly string[] }} Task
 */

/**
 * `properties` are those that tell errors apart: `code`, `errno`, `syscall`, `path` and what else is a plain value.
 * @typedef {{ name: string, message: string, stack: string, properties: object, cause?: Plain, errors?: Plain[] }} PlainError
 * @typedef {{ error: PlainError } | { value: string }} Plain
 */

const SOCKET = 3;

/** Undefined if the caller has gone. @returns {Task | undefined} */
function receiveTask() {
	const chunks = [];
	for (;;) {
		const chunk = Buffer.alloc(65_536);
		// Our end of the socket blocks; nothing else is to be done before the line is here.
		const length = readSync(SOCKET, chunk);
		if (length === 0) return undefined;
		chunks.push(chunk.subarray(0, length));
		if (chunk[length - 1] === NEWLINE) return JSON.parse(Buffer.concat(chunks).toString());
	}
}

const NEWLINE = 10;

/** Tells the caller of each error that nobody caught. Node then does as it always does. */
function reportErrors() {
	process.on('uncaughtExceptionMonitor', error => {
		if (!isOver) reportError(error);
	});
}

let isOver = false;

/** Tells the caller of an error that nobody caught: `fatal` if it ends Node. @param {unknown} thrown */
function reportError(thrown) {
	isOver = process.listenerCount('uncaughtException') === 0 && !process.hasUncaughtExceptionCaptureCallback();
	tell(`${isOver ? 'fatal' : 'error'} ${Buffer.from(JSON.stringify(toPlain(thrown))).toString('base64')}`);
}

/** Tells the caller that what comes now is the user's. */
function reportBegun() {
	tell('begun');
}

/** @param {string} line */
function tell(line) {
	try {
		writeSync(SOCKET, `${line}\n`);
	} catch {
		// EPIPE: the caller has gone, or has released the daemon.
	}
}

/** How far down a chain of causes is followed: one may lead back to itself. */
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

/** What an error has by itself. */
const MADE = new Set(['name', 'message', 'stack', 'cause', 'errors']);
/** @param {object} thrown */
function propertiesOf(thrown) {
	// By their descriptors: a getter may throw.
	const own = Object.entries(Object.getOwnPropertyDescriptors(thrown));
	return Object.fromEntries(
		own.filter(([key, { value }]) => !MADE.has(key) && isPrimitive(value)).map(([key, { value }]) => [key, value]),
	);
}

const isPrimitive = (/** @type {unknown} */ value) => ['string', 'number', 'boolean'].includes(typeof value);

/** @param {unknown} thrown @returns {thrown is Error & { errors?: unknown }} */
function isError(thrown) {
	// By its shape: errors of a vm context, or of a class of its own, have another `Error`.
	return typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'stack' in thrown;
}

module.exports = { receiveTask, reportBegun, reportError, reportErrors };
