/** Chooses how the launcher is created: through libc where that is possible and pays, else by Node. */
import { sleep } from '../time/clock.ts';
import { isWorthLoading, libcToSpawn } from './libc-to-spawn.ts';
import { type Launcher, type SpawnRequest, spawnPortably } from './spawn.ts';
import { spawnNatively } from './spawn-natively.ts';

/** Small programs are ready by then, and must not wait for the package; Node alone takes twice as long to start. */
const SHORT_START_MS = 20;

/** How many launchers this caller has had. */
let count = 0;

/**
 * `toRequest` makes the request for the one way or the other.
 *
 * @throws a system error, by its promise: EAGAIN, EMFILE, ENOMEM, E2BIG, or one about the file or the folder.
 */
export async function spawnLauncher(toRequest: (isNative: boolean) => SpawnRequest): Promise<Launcher> {
	const isWanted = count > 0 || isWorthLoading();
	count += 1;
	const libc = isWanted ? libcToSpawn() : undefined;
	// While a daemon starts there is time to load the package, unless the start is as short as that.
	if (!isWanted)
		sleep(SHORT_START_MS, { ref: false })
			.then(libcToSpawn)
			.catch(() => {
				// The next launch reports it.
			});
	const launcher = libc && spawnNatively(libc, toRequest(true));
	return launcher ?? (await spawnPortably(toRequest(false)));
}
