/** The tiny daemons of `fixtures/`, each with one vice, and temporary folders. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from './this-test.ts';

/** The absolute path of a fixture. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** A new folder that is removed after the test. */
export function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'test-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
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
