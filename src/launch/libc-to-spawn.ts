/** Finds out whether libc can create processes here, and whether that pays. */
import { workerThreads } from '../builtins.ts';
import { hasLibc, isChosen, loadedLibc, loadLibc } from '../native/libc.mjs';
import { canSpawn, type SpawningLibc } from '../native/posix-spawn.mjs';

/** A fork of a caller of this size takes as long as it takes to load the package that calls libc. */
const BIG_BYTES = 100e6;

/** Whether the package has turned out not to work here. */
let isBroken = false;

/** Whether it pays to load the package for one process. */
export function isWorthLoading(): boolean {
	return isChosen() || loadedLibc() !== undefined || process.memoryUsage.rss() > BIG_BYTES;
}

/**
 * Undefined if libc cannot be called, or cannot create processes as this library needs them.
 *
 * @throws if its user has chosen a package that does not work.
 */
export function libcToSpawn(): SpawningLibc | undefined {
	try {
		if (isBroken) return undefined;
		// A thread that is terminated while koffi loads would abort the whole process with it (napi_throw).
		if (!isChosen() && !workerThreads().isMainThread) return undefined;
		if (!(loadedLibc() || hasLibc())) return undefined;
		const libc = loadLibc();
		return canSpawn(libc) ? libc : undefined;
	} catch (error) {
		// The user has chosen how to call libc, and would not notice otherwise.
		if (isChosen()) throw error;
		isBroken = true;
		return undefined;
	}
}
