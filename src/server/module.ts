/** Finds the path of a module, and the module that constructs a server. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isText } from '../option-rules.ts';

/** @throws a TypeError for a URL that is not a path. */
export function toPath(module: string | URL): string {
	const isUrl = typeof module !== 'string' || module.startsWith('file:');
	return isUrl ? fileURLToPath(module) : resolve(module);
}

/** False for `http:`, for a host, for an encoded slash, and for a null byte. */
export function isPath(value: unknown): value is string | URL {
	try {
		return (isText(value) || value instanceof URL) && !toPath(value).includes('\0');
	} catch {
		// ERR_INVALID_URL_SCHEME, ERR_INVALID_FILE_URL_HOST, ERR_INVALID_FILE_URL_PATH.
		return false;
	}
}

/** The file with the `new` of a class or of its subclass. Call it in the constructor. */
export function findMaker(Class: { readonly prototype: object }): string | undefined {
	const { prepareStackTrace, stackTraceLimit } = Error;
	const place: { stack?: readonly NodeJS.CallSite[] } = {};
	try {
		// V8's API for a structured stack: https://v8.dev/docs/stack-trace-api
		Error.prepareStackTrace = (_, sites) => sites;
		Error.stackTraceLimit = Number.POSITIVE_INFINITY;
		Error.captureStackTrace(place, Class as never);
		// The stack has to be read here, as V8 makes it at the first access.
		const name = place.stack?.find(site => !site.isConstructor())?.getFileName();
		// Vite may have appended a version.
		return name ? toPath(name.replace(/\?[^/]*$/, '')) : undefined;
	} finally {
		Object.assign(Error, { prepareStackTrace, stackTraceLimit });
	}
}
