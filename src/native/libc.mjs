/** The functions of libc that Node lacks: what is needed of them, and which package can call them. */
import { createRequire } from 'node:module';

/**
 * Every other way to call C is another file with a `bind` for this. All are synchronous.
 *
 * @typedef {object} Libc
 * @property {(fd: number, command: number, value: number) => number} fcntl
 * @property {(file: string, argv: readonly string[], env: readonly string[]) => number} execve Comes back only if it failed.
 * @property {() => number} errno Of the last call.
 */

const require = createRequire(import.meta.url);

/** Whether an optional package is there that can call libc. */
export function hasLibc() {
	try {
		require.resolve('koffi');
		return true;
	} catch {
		// MODULE_NOT_FOUND.
		return false;
	}
}

/** Loaded when it is used: that takes 5 ms. @returns {Promise<Libc>} */
export async function loadLibc() {
	const { bind } = await import('./koffi.mjs');
	return bind();
}
