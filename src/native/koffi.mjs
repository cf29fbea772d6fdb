/** Calls libc through koffi, which comes with its binary and is safe in worker threads. */
import { createRequire } from 'node:module';
import { toLibc } from './interface.mjs';

const TYPES = {
	...{ int: 'int', uint: 'unsigned int', short: 'short', string: 'const char *', '...': '...' },
	...{ strings: 'const char **', pointer: 'void *' },
};

/**
 * @returns {import('./interface.mjs').Libc}
 * @throws if it is not installed, or cannot be loaded.
 */
export function bind() {
	const require = createRequire(import.meta.url);
	/** @type {typeof import('koffi')} */
	const koffi = require('koffi');
	const libc = koffi.load(null);
	return toLibc(
		(name, parameters) => {
			const isVariadic = parameters.includes('...');
			const named = isVariadic ? parameters.slice(0, parameters.indexOf('...') + 1) : parameters;
			const call = libc.func(`int ${name}(${named.map(type => TYPES[type]).join(', ')})`);
			if (isVariadic) return withTypes(call);
			return parameters.includes('strings') ? withEnds(call) : call;
		},
		() => koffi.errno(),
	);
}

/** An array of strings ends with NULL. @param {(...given: unknown[]) => number} call */
function withEnds(call) {
	return (/** @type {unknown[]} */ ...given) =>
		call(...given.map(each => (Array.isArray(each) ? [...each, null] : each)));
}

/**
 * The last argument is variadic: on arm64 such arguments are passed in another way, so koffi wants to know their types.
 *
 * @param {(...given: unknown[]) => number} call
 */
function withTypes(call) {
	return (/** @type {unknown[]} */ ...given) => call(...given.slice(0, -1), 'int', ...given.slice(-1));
}
