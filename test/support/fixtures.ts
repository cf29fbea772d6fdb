/** The tiny daemons of `fixtures/`, each with one vice, and a place to put things. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The absolute path of a fixture. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** A fresh folder that is gone after the test. */
export function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'test-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}
