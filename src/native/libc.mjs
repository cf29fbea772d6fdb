/** Loads the functions of libc that Node lacks, through an optional package. */
import { createRequire } from 'node:module';
import { bind as bindFfiNapi, findRequire } from './ffi-napi.mjs';
import { bind as bindKoffi } from './koffi.mjs';

const require = createRequire(import.meta.url);

/** How libc is called. It is read at each use, so that a test can set it. */
export const FFI_VARIABLE = 'WITHDAEMON_FFI';

/** @typedef {'koffi' | 'ffi-napi' | 'off'} Way */

/** @type {readonly Way[]} */
export const WAYS = ['koffi', 'ffi-napi', 'off'];

/** @typedef {import('./interface.mjs').Libc} Libc */

/** @type {Map<Way, Libc | undefined>} */
const loaded = new Map();

/** An empty variable counts as absent. @returns {Way} */
function chosenWay() {
	return WAYS.find(way => way === process.env[FFI_VARIABLE]) ?? 'koffi';
}

/** Whether the way was chosen by the variable. */
export function isChosen() {
	return (process.env[FFI_VARIABLE] ?? '') !== '';
}

/** Why libc cannot be called; undefined if it can, as far as that is known before it is loaded. */
export function whyNoLibc() {
	const way = chosenWay();
	if (way === 'off') return `${FFI_VARIABLE} is off`;
	if (way === 'ffi-napi' && !isMainThread()) return 'ffi-napi crashes in worker threads';
	try {
		(way === 'koffi' ? require : findRequire()).resolve(way);
		return undefined;
	} catch {
		// MODULE_NOT_FOUND, even if its folder is another user's, or no descriptor is left to read it.
		return `the optional package ${way} is not installed, or cannot be read`;
	}
}

/** The module takes a ms to load, and most callers do not need it. @returns {boolean} */
function isMainThread() {
	return require('node:worker_threads').isMainThread;
}

/** Whether libc can be called. */
export function hasLibc() {
	return whyNoLibc() === undefined;
}

/**
 * Loads the package on demand, as that takes 5 ms.
 *
 * @returns {Libc}
 * @throws if {@link whyNoLibc} says why, or if the package does not work here.
 */
export function loadLibc() {
	const way = chosenWay();
	const present = loaded.get(way);
	if (present !== undefined) return present;
	try {
		const libc = way === 'koffi' ? bindKoffi() : bindFfiNapi();
		loaded.set(way, libc);
		return libc;
	} catch (cause) {
		const { message = String(cause) } = /** @type {Partial<Error>} */ (cause);
		// The other lines say which files required it.
		throw new PackageError(`the optional package ${way} does not work here: ${message.split('\n')[0]}`, { cause });
	}
}

class PackageError extends Error {}

/** What is loaded by now. @returns {Libc | undefined} */
export function loadedLibc() {
	return loaded.get(chosenWay());
}
