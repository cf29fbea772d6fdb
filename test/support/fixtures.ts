/** The tiny daemons of `fixtures/`, each with one vice, and temporary folders. */
import { spawnSync } from 'node:child_process';
import { type Dirent, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasCode } from '../../src/os/errno.ts';
import { onTestFinished } from './this-test.ts';

/** The absolute path of a fixture. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** A new folder that is removed after the test. */
export function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'test-'));
	onTestFinished(() => removeFolder(folder));
	return folder;
}

/**
 * The reaper of a caller that has just ended may be removing its registry in this folder. From Node 24 on rmSync then
 * stops at the first name that is gone (ENOENT), leaves the rest and throws nothing; this goes on.
 */
export async function removeFolder(folder: string): Promise<void> {
	await rm(folder, { recursive: true, force: true });
}

/**
 * The paths of all files and folders below a folder, relative to it; none if there is no such folder. Reapers may be
 * removing their registries there, and a folder that is gone before its turn is an error for `recursive` (ENOENT).
 */
export function pathsBelow(folder: string): string[] {
	return entriesOf(folder).flatMap(entry => [
		entry.name,
		...(entry.isDirectory() ? pathsBelow(join(folder, entry.name)).map(path => join(entry.name, path)) : []),
	]);
}

function entriesOf(folder: string): Dirent[] {
	try {
		return readdirSync(folder, { withFileTypes: true });
	} catch (error) {
		// It may be there again by now.
		if (hasCode(error, 'ENOENT')) return [];
		throw error;
	}
}

/**
 * /dev/null, or for root a device like it in this folder: a fault in the code under test could remove the machine's
 * own. Undefined if root cannot create a device.
 */
export function nullDevice(folder: string): string | undefined {
	if (process.getuid?.() !== 0) return '/dev/null';
	const path = join(folder, 'null');
	return spawnSync('mknod', [path, 'c', '1', '3']).status === 0 ? path : undefined;
}
