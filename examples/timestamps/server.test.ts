import { readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon } from 'withdaemon';
import { file, server } from './server.mjs';

test('the time is printed to a file', async () => {
	const daemon = new Daemon({ server, logFile: file }); // the name and the PID file are the server's
	await daemon.startup(); // ready when the file changes
	expect(readFileSync(file, 'utf8')).toMatch(/^\d+-\d+-\d+T\d+:\d+:\d+\.\d+Z\n$/);
	await daemon.shutdown();
	expect(daemon.isAlive()).toBe(false);
	rmSync(file);
});
