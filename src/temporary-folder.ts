/** The temporary folder of a daemon. */
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { files } from './builtins.ts';
import { hasCode } from './os/errno.ts';
import { withReserve } from './os/reserve-descriptor.ts';

/** Others may remove the folder above at most this often in a row. */
const MOST_ATTEMPTS = 100;

/**
 * Makes a folder of mode 0700. `announce` gets its path before it exists. The name cannot be guessed, so no other user
 * can have made something else there.
 *
 * @param makeParent makes the folder above, and returns its path. Absent: the folder for temporary files.
 */
export async function makeTemporaryFolder(
	announce: (path: string) => void,
	makeParent?: () => string,
): Promise<string> {
	// Imported on demand, as it takes 10 ms and the reaper, which only removes folders, does not need it.
	const { dir, tmpName } = await import('tmp-promise');
	for (let attempt = 1; ; attempt += 1) {
		const place = makeParent === undefined ? {} : { tmpdir: makeParent() };
		try {
			const path = await tmpName({ prefix: 'withdaemon', ...place });
			announce(path);
			return (await dir({ name: basename(path), mode: 0o700, ...place })).path;
		} catch (error) {
			if (makeParent === undefined || attempt === MOST_ATTEMPTS || !hasCode(error, 'ENOENT')) throw error;
		}
	}
}

/** EACCES, ENOTEMPTY: a daemon has removed permissions from a folder; its owner can add them again. */
export async function removeFolder(path: string): Promise<void> {
	const remove = () =>
		files()
			.rm(path, { recursive: true, force: true })
			.catch(error => {
				if (!hasCode(error, 'EMFILE')) throw error;
				withReserve(() => rmSync(path, { recursive: true, force: true }));
			});
	await remove().catch(async () => {
		await openAll(path);
		await remove();
	});
}

/** Opens each folder before it is listed. Symlinks are not followed. */
async function openAll(folder: string): Promise<void> {
	await files().chmod(folder, 0o700);
	const entries = await files().readdir(folder, { withFileTypes: true });
	await Promise.all(entries.filter(entry => entry.isDirectory()).map(entry => openAll(join(folder, entry.name))));
}
