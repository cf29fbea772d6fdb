import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { hintsForSignal, Timeline } from '../../src/evidence/timeline.ts';
import { identify } from '../../src/process/identity.ts';
import { firstWords } from '../support/first-words.ts';
import { onTestFinished } from '../support/this-test.ts';

test('of several signals that a daemon handles SIGTERM is proposed before SIGINT, and SIGINT before SIGHUP', async () => {
	const hintFor = async (handled: string) => {
		const script = `trap '' QUIT; trap : ${handled}; sleep 1000 & echo; wait`;
		const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
		const gone = once(child, 'exit');
		onTestFinished(async () => {
			process.kill(-(child.pid ?? 0), 'SIGKILL');
			await gone;
		});
		await firstWords(child);
		const identity = identify(child.pid ?? 0) ?? expect.unreachable();
		return hintsForSignal(new Timeline(identity, undefined, () => []), 'SIGQUIT')[0]?.[1];
	};
	const hints = await Promise.all(['HUP INT TERM', 'HUP INT'].map(hintFor));
	expect(hints).toEqual(
		['SIGTERM', 'SIGINT'].map(
			signal => `it ignores SIGQUIT, but handles ${signal}: give \`shutdownCommand: '${signal}'\``,
		),
	);
});
