/** Each test file has a temporary folder of its own, named after it: what a file leaves there is known by its name. */
import { chmodSync, mkdtempSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';

const file = basename(expect.getState().testPath ?? 'setup', '.test.ts');
// The run's folder is the same for all files. A worker that runs several of them has changed TMPDIR already.
const run = String(process.env['WITHDAEMON_TEST_FOLDER']);
process.env['TMPDIR'] = mkdtempSync(join(run, `${file}-`));
// The servers that are run as another user have to get through.
chmodSync(process.env['TMPDIR'], 0o755);
