/** The temporary folder of a daemon. */
import { rmSync } from 'node:fs';
import { chmod, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hasCode } from './os/errno.ts';
import { withReserve } from './os/reserve-descriptor.ts';

/**
 * Makes one, of mode 0700. `announce` is told before there is one: a name that cannot be guessed, so that nobody has put
 * something else there.
 */
export async function makeTemporaryFolder(announce: (path: string) => void): Promise<string> {
	// 10 ms to import: the reaper, which only removes, is in a hurry.
	const { dir, tmpName } = await import('tmp-promise');
	const path = await tmpName({ prefix: 'withdaemon' });
	announce(path);
	return (await dir({ name: basename(path), mode: 0o700 })).path;
}

/** EACCES, ENOTEMPTY: a daemon has closed a folder of its own; who owns it can open it again. */
export async function removeFolder(path: string): Promise<void> {
	const remove = () =>
		rm(path, { recursive: true, force: true }).catch(error => {
			if (!hasCode(error, 'EMFILE')) throw error;
			withReserve(() => rmSync(path, { recursive: true, force: true }));
		});
	await remove().catch(async () => {
		await openAll(path);
		await remove();
	});
}

/** Each before it is looked into. Links are not followed: they are no folders. */
async function openAll(folder: string): Promise<void> {
	await chmod(folder, 0o700);
	const entries = await readdir(folder, { withFileTypes: true });
	await Promise.all(entries.filter(entry => entry.isDirectory()).map(entry => openAll(join(folder, entry.name))));
}
