/** The module that has made a server, and is expected to export it. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of a path or a `file:` URL, as stacks and `import.meta` have them. */
export function toPath(module: string | URL | undefined): string | undefined {
	const [text = ''] = String(module ?? '').split('?');
	if (text === '') return undefined;
	return text.startsWith('file:') ? fileURLToPath(text) : resolve(text);
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
		return place.stack?.find(site => !site.isConstructor())?.getFileName() ?? undefined;
	} finally {
		Object.assign(Error, { prepareStackTrace, stackTraceLimit });
	}
}
