import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCallerFolder, nameCallerFolder } from '../../../src/registry/caller-folder.ts';
import { Entry } from '../../../src/registry/entry.ts';
import { REGISTRY } from '../../../src/registry/folder.ts';
import { program } from '../../setup/built-program.ts';
import { temporaryFolder } from '../../support/fixtures.ts';

test('the reaper ends by itself when all is cleaned up, and does not wait for the end of Node', async () => {
	const caller = nameCallerFolder(join(temporaryFolder(), REGISTRY));
	makeCallerFolder(caller);
	new Entry(caller).note({ folder: join(temporaryFolder(), 'withdaemon-dir') });
	const reaper = spawn(process.execPath, [program, caller], { stdio: ['ignore', 'inherit', 'inherit'] });
	expect(await once(reaper, 'exit')).toEqual([null, 'SIGKILL']);
	expect(existsSync(caller)).toBe(false);
});
