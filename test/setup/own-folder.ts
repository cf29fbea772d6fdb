/** Each test file has its own temporary folder, named after it, so that a leak shows which file left it. */
import { chmodSync, mkdtempSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';

const file = basename(expect.getState().testPath ?? 'setup', '.test.ts');
// All files share the folder of the run. A worker that runs several files has changed TMPDIR already.
const run = String(process.env['WITHDAEMON_TEST_FOLDER']);
process.env['TMPDIR'] = mkdtempSync(join(run, `${file}-`));
// Servers that run as another user need access.
chmodSync(process.env['TMPDIR'], 0o755);
