import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withDaemon } from '../../src/index.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';

const slow = (ms: number) => ({ startupCommand: [fixture('slow-to-stop.mjs'), String(ms)], lookFor: 'ready' });

test('a shutdown command may finish when the daemon has ended', async () => {
	const done = join(temporaryFolder(), 'done');
	await withDaemon({ ...slow(0), shutdownCommand: `kill $(cat {pidFile}); sleep 0.3; : > '${done}'` }, () => {});
	expect(existsSync(done)).toBe(true);
});

test('a shutdown command that never ends is ended soon after the daemon, and not when its time is over', async () => {
	const shutdownCommand = 'kill $(cat {pidFile}); exec sleep 1000';
	const pid = await withDaemon({ ...slow(0), shutdownCommand, shutdownTimeout: 3_600_000 }, daemon => daemon.pid);
	expect(isGone(Number(pid))).toBe(true);
});

test('a shutdown command that fails although the daemon ends is not an error', async () => {
	let pid = 0;
	const shutdownCommand = () => {
		process.kill(pid, 'SIGTERM');
		// The end of the daemon is heard after this, as it comes as an event.
		throw new Error('not obeyed');
	};
	await withDaemon({ startupCommand: ['sleep', '1000'], shutdownCommand }, daemon => {
		pid = Number(daemon.pid);
	});
});
