/** The errors of the daemon's process, as it tells them over the socket. */
import type { Plain } from '../bootstrap/channel.cjs';

/** An error that nobody caught. */
export interface RemoteFailure {
	readonly error: unknown;
	/** Whether it ends the process. */
	readonly isFatal: boolean;
}

/** The errors in what was said (`eyJ` is how JSON of an object begins in base64), and what else there is. */
export function takeErrors(buffer: string): { readonly failures: readonly RemoteFailure[]; readonly rest: string } {
	const reports = [...buffer.matchAll(/^(error|fatal) (eyJ\S+)\n/gm)];
	const failures = reports.map(([, kind, report = '']) => {
		const plain = JSON.parse(Buffer.from(report, 'base64').toString()) as Plain;
		return { error: fromPlain(plain), isFatal: kind === 'fatal' };
	});
	return { failures, rest: buffer.replace(/^(?:error|fatal) eyJ\S+\n/gm, '') };
}

/** The errors that a caller may want to tell apart by their class. */
const CLASSES = [AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

function fromPlain(plain: Plain): unknown {
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
