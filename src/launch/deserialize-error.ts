/** Restores the errors that the daemon's process sends over the socket. */
import type { Plain } from '../bootstrap/channel.cjs';

/** An error that the daemon's JavaScript did not catch. */
export interface RemoteFailure {
	readonly error: unknown;
	/** Whether the error ends the process. */
	readonly isFatal: boolean;
}

/** Splits the buffer into errors and the rest. `eyJ` is how the JSON of an object begins in base64. */
export function takeErrors(buffer: string): { readonly failures: readonly RemoteFailure[]; readonly rest: string } {
	const reports = [...buffer.matchAll(/^(error|fatal) (eyJ\S+)\n/gm)];
	const failures = reports.map(([, kind, report = '']) => {
		const plain = JSON.parse(Buffer.from(report, 'base64').toString()) as Plain;
		return { error: fromPlain(plain), isFatal: kind === 'fatal' };
	});
	return { failures, rest: buffer.replace(/^(?:error|fatal) eyJ\S+\n/gm, '') };
}

/** The built-in classes that an error keeps, so that `instanceof` works in the caller. */
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
	// Not enumerable: test runners print the enumerable properties of an error below it.
	for (const [key, value] of Object.entries(own)) Object.defineProperty(error, key, { value, writable: true });
	return Object.assign(error, properties);
}

class RemoteError extends Error {}
