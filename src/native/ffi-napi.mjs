/**
 * Calls libc through ffi-napi, for those who have it already. It takes 60 ms to load, and a worker thread that loads it
 * crashes when it ends, so it is only used if somebody asks for it.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { toLibc } from './interface.mjs';

/**
 * It is looked for beside this library, then from the working directory.
 *
 * @returns {NodeJS.Require}
 */
export function findRequire() {
	const own = createRequire(import.meta.url);
	try {
		own.resolve('ffi-napi');
		return own;
	} catch {
		return createRequire(join(process.cwd(), 'package.json'));
	}
}

const TYPES = { int: 'int', uint: 'uint', short: 'short', string: 'string', strings: 'pointer', pointer: 'pointer' };

/**
 * @returns {import('./interface.mjs').Libc}
 * @throws if it is not installed, or cannot be loaded.
 */
export function bind() {
	const require = findRequire();
	const ffi = /** @type {FfiNapi} */ (require('ffi-napi'));
	// It is a dependency of ffi-napi, and may be installed below it.
	const ref = /** @type {Ref} */ (createRequire(require.resolve('ffi-napi'))('ref-napi'));
	const libc = new ffi.DynamicLibrary(null, ffi.DynamicLibrary.FLAGS.RTLD_LAZY);
	return toLibc(
		(name, parameters) => {
			const types = parameters.flatMap(type => (type === '...' ? [] : TYPES[type]));
			const call = ffi.ForeignFunction(libc.get(name), 'int', types);
			return (/** @type {unknown[]} */ ...given) =>
				call(...given.map(each => (Array.isArray(each) ? toPointers(ref, each) : each)));
		},
		() => ffi.errno(),
	);
}

/** An array of pointers to strings, which ends with NULL. @param {Ref} ref @param {readonly string[]} strings */
function toPointers(ref, strings) {
	const pointers = Buffer.alloc((strings.length + 1) * ref.sizeof.pointer);
	// The buffer of the pointers keeps those of the strings alive.
	for (const [index, string] of strings.entries())
		ref.writePointer(pointers, index * ref.sizeof.pointer, Buffer.from(`${string}\0`));
	return pointers;
}

/**
 * @typedef {object} FfiNapi
 * @property {{
 *   new (path: null, flags: number): { get(name: string): Buffer },
 *   FLAGS: { RTLD_LAZY: number },
 * }} DynamicLibrary
 * @property {(
 *   pointer: Buffer, result: string, types: readonly string[]
 * ) => (...given: unknown[]) => number} ForeignFunction
 * @property {() => number} errno
 */

/**
 * @typedef {object} Ref
 * @property {{ pointer: number }} sizeof
 * @property {(into: Buffer, offset: number, target: Buffer) => void} writePointer
 */
