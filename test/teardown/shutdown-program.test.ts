import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runShutdownProgram } from '../../src/teardown/shutdown-program.ts';
import { pollUntil } from '../../src/time/poll.ts';
import { temporaryFolder } from '../support/fixtures.ts';

test('a program whose time is over may still clean up after itself, before it is ended by force', async () => {
	const cwd = temporaryFolder();
	// The child says that it runs: right after its fork, it still has the trap of the shell, and would survive the
	// signal.
	const script = "trap ': > cleaned; exit' TERM; (: > running; exec sleep 1000) & wait";
	const over = new AbortController();
	const running = runShutdownProgram({ argv: ['sh', '-c', script], cwd, env: process.env }, undefined, over.signal);
	await pollUntil(() => existsSync(join(cwd, 'running')), AbortSignal.timeout(60_000));
	over.abort(new Error('the time is over'));
	await expect(running).rejects.toThrow('the time is over');
	expect(existsSync(join(cwd, 'cleaned'))).toBe(true);
});
