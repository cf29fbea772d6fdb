/**
 * What caller and daemon say to each other over the launcher's socket, a line each: the caller says once what to do, the
 * daemon says which error it did not catch.
 */
import { readSync, writeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';

/**
 * A function by its source; `file` is what its imports are relative to, and what it is called in stacks.
 * @typedef {{ kind: 'function', source: string, file: string, args: readonly unknown[] }} FunctionCall
 *
 * An export of a module by its name, to be called or, if it is a `Server`, to be started with this PID file.
 * @typedef {{ kind: 'export', module: string, name: string, args: readonly unknown[], pidFile: string }} ExportCall
 *
 * A `Server` by its own name, whatever it is exported as.
 * @typedef {{ kind: 'server', module: string, name: string, pidFile: string }} ServerCall
 *
 * @typedef {FunctionCall | ExportCall | ServerCall} Call
 *
 * `start` is what to call, or the argument vector of the command to become; its first is a path.
 * @typedef {{ afterFork: Call | undefined, beforeExec: Call | undefined, start: Call | readonly string[] }} Task
 */

const SOCKET = 3;

/** @param {Task} task */
export function encodeTask(task) {
	return `${serialize(task).toString('base64')}\n`;
}

/** In the daemon. Undefined if the caller has gone. @returns {Task | undefined} */
export function receiveTask() {
	const buffer = Buffer.alloc(65_536);
	let said = '';
	while (!said.endsWith('\n')) {
		// Its end of the socket blocks; nothing else is to be done before the line is here.
		const length = readSync(SOCKET, buffer);
		if (length === 0) return undefined;
		said += buffer.toString('latin1', 0, length);
	}
	return deserialize(Buffer.from(said, 'base64'));
}

/** In the daemon: tells the caller of each error that nobody caught. Node then does as it always does. */
export function reportErrors() {
	process.on('uncaughtExceptionMonitor', error => {
		tell(`error ${Buffer.from(JSON.stringify(toPlain(error))).toString('base64')}`);
	});
}

/** In the daemon: tells the caller that what comes now is the user's. */
export function reportBegun() {
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

/** In the caller: the errors in what was said (`eyJ` is how JSON of an object begins), and what else there is. @param {string} said */
export function takeErrors(said) {
	const reports = [...said.matchAll(/^error (eyJ\S+)\n/gm)].map(([, report = '']) => report);
	const errors = reports.map(report => fromPlain(JSON.parse(Buffer.from(report, 'base64').toString())));
	return { errors, rest: said.replace(/^error eyJ\S+\n/gm, '') };
}

/**
 * `properties` are those that tell errors apart: `code`, `errno`, `syscall`, `path` and what else is a plain value.
 * @typedef {{ name: string, message: string, stack: string, properties: object, cause?: Plain, errors?: Plain[] }} PlainError
 * @typedef {{ error: PlainError } | { value: string }} Plain
 */

/** How far down a chain of causes is followed: one may lead back to itself. */
const DEPTH = 8;

/** @param {unknown} thrown @returns {Plain} */
function toPlain(thrown, depth = 0) {
	if (!isError(thrown)) return { value: String(thrown) };
	const { name, message, stack, cause, errors } = thrown;
	const properties = Object.entries(thrown).filter(([key, value]) => !MADE.has(key) && isPrimitive(value));
	return {
		error: {
			name: String(name),
			message: String(message),
			stack: String(stack),
			properties: Object.fromEntries(properties),
			...(cause === undefined || depth === DEPTH ? {} : { cause: toPlain(cause, depth + 1) }),
			...(Array.isArray(errors) && depth < DEPTH ? { errors: errors.map(error => toPlain(error, depth + 1)) } : {}),
		},
	};
}

/** What an error has by itself. */
const MADE = new Set(['name', 'message', 'stack', 'cause', 'errors']);
const isPrimitive = (/** @type {unknown} */ value) => ['string', 'number', 'boolean'].includes(typeof value);

/** @param {unknown} thrown @returns {thrown is Error & { errors?: unknown }} */
function isError(thrown) {
	// By its shape: errors of a vm context, or of a class of its own, have another `Error`.
	return typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'stack' in thrown;
}

/** The errors that a caller may want to tell apart by their class. */
const CLASSES = [AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

/** @param {Plain} plain @returns {unknown} */
function fromPlain(plain) {
	if ('value' in plain) return plain.value;
	const { name, message, stack, properties, cause, errors } = plain.error;
	const prototype = (CLASSES.find(Class => Class.name === name) ?? Error).prototype;
	const error = Object.setPrototypeOf(new RemoteError(message), prototype);
	const own = {
		name,
		stack,
		...(cause ? { cause: fromPlain(cause) } : {}),
		...(errors ? { errors: errors.map(fromPlain) } : {}),
	};
	// Not enumerable, as an error's own are not: test runners print the others below it.
	for (const [key, value] of Object.entries(own)) Object.defineProperty(error, key, { value, writable: true });
	return Object.assign(error, properties);
}

class RemoteError extends Error {}
