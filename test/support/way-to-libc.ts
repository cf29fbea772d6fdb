/**
 * For a run of the whole suite with `WITHDAEMON_FFI=off` or `WITHDAEMON_FFI=ffi-napi`: what tests do that it cannot do.
 */
import { FFI_VARIABLE } from '../../src/native/libc.mjs';

/**
 * From now on libc is called, although the run has `off`, with which Node has to do alone. Returns what undoes that.
 */
export function callLibc(): () => void {
	if (process.env[FFI_VARIABLE] !== 'off') return () => {};
	process.env[FFI_VARIABLE] = 'koffi';
	return () => {
		process.env[FFI_VARIABLE] = 'off';
	};
}

/** The environment of this run for a process with worker threads, which ffi-napi would crash. */
export function environmentForThreads(): NodeJS.ProcessEnv {
	const { [FFI_VARIABLE]: way, ...others } = process.env;
	return way === 'off' ? process.env : others;
}
