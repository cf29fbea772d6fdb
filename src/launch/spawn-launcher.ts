/** Chooses how the launcher is created: through libc where that is possible and pays, else by Node. */
import { workerThreads } from '../builtins.ts';
import { hasLibc, isChosen, loadedLibc, loadLibc } from '../native/libc.mjs';
import { canSpawn, type SpawningLibc } from '../native/posix-spawn.mjs';
import { sleep } from '../time/clock.ts';
import { type Launcher, type SpawnRequest, spawnPortably } from './spawn.ts';
import { spawnNatively } from './spawn-natively.ts';

/** A fork of a caller of this size takes as long as it takes to load the package that calls libc. */
const BIG_BYTES = 100e6;

/** A daemon that starts within this time is often ready before the package would be loaded. */
const SHORT_START_MS = 50;

/** How many launchers this caller has had. */
let count = 0;
/** Whether the package has turned out not to work here. */
let isBroken = false;

/**
 * `toRequest` makes the request for the one way or the other.
 *
 * @throws a system error, by its promise: EAGAIN, EMFILE, ENOMEM, E2BIG, or one about the file or the folder.
 */
export async function spawnLauncher(toRequest: (isNative: boolean) => SpawnRequest): Promise<Launcher> {
	const isWorthLoading = count > 0 || isChosen() || process.memoryUsage.rss() > BIG_BYTES;
	count += 1;
	const libc = isWorthLoading ? libcToSpawn() : undefined;
	// While a daemon starts there is time to load the package, unless the start is as short as that.
	if (!isWorthLoading)
		sleep(SHORT_START_MS, { ref: false })
			.then(libcToSpawn)
			.catch(() => {
				// The next launch reports it.
			});
	const launcher = libc && spawnNatively(libc, toRequest(true));
	return launcher ?? (await spawnPortably(toRequest(false)));
}

/** Undefined if libc cannot be called, or cannot create processes as this library needs them. */
function libcToSpawn(): SpawningLibc | undefined {
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
