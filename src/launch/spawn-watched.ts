/** Creates a process that is reaped when it ends, such as the reaper: through libc where that pays, else by Node. */
import { workerThreads } from '../builtins.ts';
import { loadedLibc } from '../native/libc.mjs';
import { nextTurn } from '../time/clock.ts';
import { isWorthLoading, libcToSpawn } from './libc-to-spawn.ts';
import { type Spawned, type SpawnRequest, spawnProcess } from './spawn.ts';
import { spawnWatchedNatively } from './spawn-natively.ts';

/**
 * Its descriptor 0 has to be a socket that no other process gets. `toRequest` makes the request for the one way or the
 * other.
 *
 * @throws a system error, by its promise: EAGAIN, EMFILE, ENOMEM, E2BIG, or one about the file or the folder.
 */
export async function spawnWatched(toRequest: (isNative: boolean) => SpawnRequest): Promise<Spawned> {
	// A worker thread that is terminated would leave it as a zombie.
	// The module that says which thread this is takes a ms to load, so it is asked last.
	if (!(isWorthLoading() && workerThreads().isMainThread)) return await spawnProcess(toRequest(false));
	const isLoaded = loadedLibc() !== undefined;
	// Loading the package takes ms: the event loop of the caller turns before and after that.
	if (!isLoaded) await nextTurn();
	const libc = libcToSpawn();
	if (!isLoaded) await nextTurn();
	return (libc && spawnWatchedNatively(libc, toRequest(true))) ?? (await spawnProcess(toRequest(false)));
}
