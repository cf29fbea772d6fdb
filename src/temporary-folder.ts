/** The temporary folder of a daemon. */
import { lstatSync, readdirSync, realpathSync, rmdirSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { files } from './builtins.ts';
import { hasCode } from './os/errno.ts';
import { withReserve } from './os/reserve-descriptor.ts';

/** Imported on demand, as it takes 10 ms and the reaper, which only removes folders, does not need it. */
let tmp: typeof import('tmp-promise') | undefined;

/** Whether it has the name of a folder that {@link makeTemporaryFolder} has made. */
export const isNamedTemporary = (path: string): boolean => /^withdaemon-\d+-[\da-f]+$/.test(basename(path));

/** Others may remove the folder above at most this often in a row. */
const MOST_ATTEMPTS = 100;

/**
 * Makes a folder of mode 0700. `announce` gets its path before it exists. The name cannot be guessed, so no other user
 * can have made something else there.
 *
 * @param id is random, and a part of its name.
 * @param parent the folder above, or what makes it and returns its path.
 */
export async function makeTemporaryFolder(
	id: string,
	announce: (path: string) => void,
	parent: string | (() => string),
): Promise<string> {
	tmp ??= (await import('tmp-promise')).default;
	for (let attempt = 1; ; attempt += 1) {
		const given = typeof parent === 'string' ? parent : parent();
		try {
			const above = realpathSync.native(given);
			const name = `withdaemon-${process.pid}-${id}`;
			announce(join(above, name));
			// With `keep`, we remove it ourselves: otherwise tmp would remember each folder until the process ends.
			return tmp.dirSync({ name, tmpdir: above, mode: 0o700, keep: true }).name;
		} catch (error) {
			if (typeof parent === 'string' || attempt === MOST_ATTEMPTS || !hasCode(error, 'ENOENT')) throw error;
		}
	}
}

/**
 * A small folder is gone when this returns, as each hop through the thread pool would cost more than that.
 *
 * EACCES, ENOTEMPTY: a daemon has removed permissions from a folder; its owner can add them again.
 */
export async function removeFolder(path: string): Promise<void> {
	if (removeSmall(path)) return;
	const remove = () =>
		files()
			.rm(path, { recursive: true, force: true })
			.catch(error => {
				if (!hasCode(error, 'EMFILE')) throw error;
				withReserve(() => removeOneByOne(Buffer.from(path)));
			});
	await remove().catch(async () => {
		await openAll(path);
		await remove();
	});
}

/**
 * With one descriptor at a time, which is not enough for `rmSync` of Node 24. Symlinks are not followed, and names need
 * not be text.
 */
function removeOneByOne(path: Buffer): void {
	try {
		if (lstatSync(path).isDirectory()) {
			for (const name of readdirSync(path, 'buffer')) removeOneByOne(Buffer.concat([path, SLASH, name]));
			rmdirSync(path);
		} else {
			unlinkSync(path);
		}
	} catch (error) {
		if (!hasCode(error, 'ENOENT')) throw error;
	}
}

const SLASH = Buffer.from('/');

/** Removing more files than this, or a file with more bytes, would block the event loop for too long. */
const SMALL = { files: 8, bytes: 2 ** 20 } as const;

/** Returns false if the folder is not small, or anything else is in the way. */
function removeSmall(folder: string): boolean {
	try {
		const paths = listSmall(folder);
		for (const file of paths ?? []) unlinkSync(file);
		if (paths !== undefined) rmdirSync(folder);
		return paths !== undefined;
	} catch {
		// ENOENT, EACCES, EMFILE: the thorough way sees to these.
		return false;
	}
}

function listSmall(folder: string): string[] | undefined {
	// readdir(3) would follow a symlink that the daemon has put there.
	if (!lstatSync(folder).isDirectory()) return undefined;
	const paths = readdirSync(folder).map(name => join(folder, name));
	return paths.length <= SMALL.files && paths.every(isSmall) ? paths : undefined;
}

function isSmall(path: string): boolean {
	const stats = lstatSync(path);
	return !stats.isDirectory() && stats.size <= SMALL.bytes;
}

/** Opens each folder before it is listed. Symlinks are not followed. */
async function openAll(folder: string): Promise<void> {
	await files().chmod(folder, 0o700);
	const entries = await files().readdir(folder, { withFileTypes: true });
	await Promise.all(entries.filter(entry => entry.isDirectory()).map(entry => openAll(join(folder, entry.name))));
}
