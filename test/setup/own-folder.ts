/** Each test file has its own temporary folder, named after it, so that a leak shows which file left it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, expect, vi } from 'vitest';
import { pathsBelow } from '../support/fixtures.ts';

// All files share the folder of the run, and a worker runs several files.
const run = String(process.env['WITHDAEMON_TEST_FOLDER']);
const before = String(process.env['TMPDIR']);
const file = basename(expect.getState().testPath ?? 'setup', '.test.ts');
const folder = mkdtempSync(join(run, `${file}-`));
process.env['TMPDIR'] = folder;
// Servers that run as another user need access.
chmodSync(folder, 0o755);
// The next file of this worker has the variables that the run began with, and the real time. Vitest restores the spies.
afterAll(() => {
	vi.unstubAllEnvs();
	vi.useRealTimers();
});
// Only one file fails for what the file before has left.
if (dirname(before) === run) leaveRegistry();

/**
 * Removes this worker's place in the registry of the file before, so that the library takes another one in the folder
 * of this file. Daemons that are still noted there would be ended by the reaper of the worker, where no test sees it.
 */
function leaveRegistry(): void {
	const own = pathsBelow(before).filter(path => path.includes(`/${process.pid}.`));
	const left = own.filter(path => path.endsWith('.jsonl'));
	if (left.length > 0) throw new Error(`${basename(before)} has left daemons: ${left.join(', ')}`);
	for (const path of own) rmSync(join(before, path), { recursive: true, force: true });
}
