import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withDaemon } from '../../src/index.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';

const slow = (ms: number) => ({ startupCommand: [fixture('slow-to-stop.mjs'), String(ms)], lookFor: 'ready' });

test('a shutdown command may finish when the daemon has ended', async () => {
	const done = join(temporaryFolder(), 'done');
	await withDaemon({ ...slow(0), shutdownCommand: `kill $(cat {pidFile}); sleep 0.3; : > '${done}'` }, () => {});
	expect(existsSync(done)).toBe(true);
});

test('a shutdown command that fails although the daemon ends is not an error', async () => {
	await withDaemon({ ...slow(50), shutdownCommand: 'kill $(cat {pidFile}); exit 1' }, () => {});
});
