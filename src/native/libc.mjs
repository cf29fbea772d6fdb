/** The functions of libc that Node lacks: what is needed of them, and which package can call them. */
import { createRequire } from 'node:module';

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

/** Loaded when it is used: that takes 5 ms. @returns {Promise<import('./interface.mjs').Libc>} */
export async function loadLibc() {
	const { bind } = await import('./koffi.mjs');
	return bind();
}
