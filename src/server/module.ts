/** Modules: their paths, and which of them has made a server. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @throws a TypeError for a URL that is no path. */
export function toPath(module: string | URL): string {
	const isUrl = typeof module !== 'string' || module.startsWith('file:');
	return isUrl ? fileURLToPath(module) : resolve(module);
}

/** The file with the `new` of a class, or of its subclass; to be asked in its constructor. */
export function findMaker(Class: { readonly prototype: object }): string | undefined {
	const { prepareStackTrace, stackTraceLimit } = Error;
	const place: { stack?: readonly NodeJS.CallSite[] } = {};
	try {
		// V8's own way to a stack that is more than a text: https://v8.dev/docs/stack-trace-api
		Error.prepareStackTrace = (_, sites) => sites;
		Error.stackTraceLimit = Number.POSITIVE_INFINITY;
		Error.captureStackTrace(place, Class as never);
		// Read here: V8 makes it when it is asked for.
		const name = place.stack?.find(site => !site.isConstructor())?.getFileName();
		// Vite may have put a version behind it.
		return name ? toPath(name.replace(/\?[^/]*$/, '')) : undefined;
	} finally {
		Object.assign(Error, { prepareStackTrace, stackTraceLimit });
	}
}
