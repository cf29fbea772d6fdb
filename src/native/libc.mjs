/** Loads the functions of libc that Node lacks, through an optional package. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Whether an optional package that can call libc is installed. */
export function hasLibc() {
	try {
		require.resolve('koffi');
		return true;
	} catch {
		// MODULE_NOT_FOUND.
		return false;
	}
}

/** Loads the package on demand, as that takes 5 ms. @returns {Promise<import('./interface.mjs').Libc>} */
export async function loadLibc() {
	const { bind } = await import('./koffi.mjs');
	return bind();
}
