import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { withDaemon } from '../../src/index.ts';
import { identify } from '../../src/process/identity.ts';
import { force } from '../../src/teardown/ladder.ts';
import { now } from '../../src/time/clock.ts';
import { firstWords } from '../support/first-words.ts';
import { fixture } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';
import { watchTraces } from '../support/traces.ts';

test('a child that ends by itself a moment after its daemon is not a leak', async () => {
	const { left } = watchTraces();
	await withDaemon({ startupCommand: [fixture('leaves-a-slow-child.mjs')], lookFor: 'ready' }, () => {});
	expect(left()).toEqual([]);
});

test('the time since an earlier SIGTERM counts: a daemon that had it long ago is ended by SIGKILL after a moment', async () => {
	/** Of a daemon that takes its time for its end. */
	const endedBy = async (askedMsAgo: number, seconds: number) => {
		const script = `trap 'sleep ${seconds}; exit' TERM; sleep 1000 & echo; wait`;
		const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
		const exited = once(child, 'exit');
		onTestFinished(() => void process.kill(-(child.pid ?? 0), 'SIGKILL'));
		await firstWords(child);
		const identity = identify(child.pid ?? 0) ?? expect.unreachable();
		const target = { identity, launcher: undefined, since: undefined, marker: undefined, exited };
		return await force(target, 'process', now() - askedMsAgo);
	};
	// Both are far from the limits of 2 s and 200 ms, as a busy machine is late.
	expect(await Promise.all([endedBy(0, 0.5), endedBy(60_000, 1.5)])).toEqual(['SIGTERM', 'SIGKILL']);
});
