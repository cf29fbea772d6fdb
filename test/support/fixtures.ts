/** The tiny daemons of `fixtures/`, each with one vice, and a place to put things. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import * as vitest from 'vitest';

/** The absolute path of a fixture. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** A fresh folder that is gone after the test. One of several concurrent tests has to say which it is. */
export function temporaryFolder(onTestFinished: TestContext['onTestFinished'] = vitest.onTestFinished): string {
	const folder = mkdtempSync(join(tmpdir(), 'test-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}
