import { expect, test } from 'vitest';
import { startDaemon } from '../../src/index.ts';
import { fixture } from './fixtures.ts';
import { watchTraces } from './traces.ts';

test('a daemon that runs leaves traces: its launcher, itself, its child, its folder, its entry', async () => {
	const { left } = watchTraces();
	const daemon = await startDaemon({
		startupCommand: [fixture('forks-children.sh')],
		shutdownCommand: 'SIGINT',
		lookFor: 'ready',
		strict: false,
	});
	await expect
		.poll(left)
		.toEqual([
			expect.stringMatching(/^process \d+: .*withdaemon:forks-children.sh/),
			expect.stringMatching(`^process ${daemon.pid}: /bin/sh .*forks-children.sh`),
			expect.stringMatching(/^process \d+: sleep 1000$/),
			daemon.dir,
			expect.stringMatching(/\.jsonl$/),
		]);
	daemon.kill('SIGKILL');
	process.kill(Number(/^process (\d+): sleep 1000$/m.exec(left().join('\n'))?.[1]), 'SIGKILL');
	await daemon[Symbol.asyncDispose]();
	expect(left()).toEqual([]);
});
