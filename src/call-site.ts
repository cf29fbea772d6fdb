/** Lets the stack of an error begin where the user called the library, not where the library found the error. */
import { DaemonError } from './errors.ts';

/** Settles as `work` does, but the stack of its error begins at the call of `called`, which has to be on the stack. */
export async function seenFromCallOf<T>(called: (...args: never[]) => unknown, work: () => Promise<T>): Promise<T> {
	return await seenFrom(callOf(called), work);
}

/** A call. Its stack becomes text only when it is read, as most calls succeed. */
export interface CallSite {
	readonly stack?: string;
}

/** The call of `called`, which has to be on the stack. */
export function callOf(called: NewableFunction | ((...args: never[]) => unknown)): CallSite {
	const site: CallSite = {};
	Error.captureStackTrace(site, called);
	return site;
}

/** Settles as `work` does, but the stack of its error begins at `call`, which may have returned by then. */
export async function seenFrom<T>(call: CallSite, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
		for (const one of errors) if (one instanceof DaemonError) beginAt(one, call);
		throw error;
	}
}

/** Does for a synchronous check what {@link seenFromCallOf} does for a promise. */
export function checkedAtCallOf<T>(called: NewableFunction | ((...args: never[]) => unknown), check: () => T): T {
	try {
		return check();
	} catch (error) {
		if (error instanceof DaemonError) Error.captureStackTrace(error, called);
		throw error;
	}
}

function beginAt(error: DaemonError, { stack = '' }: CallSite): void {
	const [, ...frames] = stack.split('\n');
	if (frames.length > 0) error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n');
}
