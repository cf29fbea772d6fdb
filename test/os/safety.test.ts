import { chmodSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { explainUnsafeParent } from '../../src/os/safety.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { asOn } from '../support/platform.ts';

test("a folder that the user's own group can write is safe on Linux, and not on macOS, where others have that group", () => {
	const folder = temporaryFolder();
	chmodSync(folder, 0o770);
	// On some systems a new folder has the group of the folder above.
	const stats = Object.assign(statSync(folder), { gid: process.getgid?.() });
	expect(asOn('linux', () => explainUnsafeParent(stats))).toBeUndefined();
	expect(asOn('darwin', () => explainUnsafeParent(stats))).toBe('can be written by other users, and is not sticky');
	const own = Object.assign(stats, { mode: stats.mode & ~0o020 });
	expect(asOn('darwin', () => explainUnsafeParent(own))).toBeUndefined();
});
