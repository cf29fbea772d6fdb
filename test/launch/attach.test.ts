import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { attach } from '../../src/launch/attach.ts';
import { identify } from '../../src/process/identity.ts';
import { toStartPoint } from '../../src/process/table.ts';
import { makeMarker } from '../../src/survivors/marker.ts';
import { firstWords } from '../support/first-words.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

/** A daemon in the session of its launcher. */
async function session() {
	const script = 'sleep 1000 & echo $!; wait';
	const launcher = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
	const gone = once(launcher, 'exit');
	const pid = Number(await firstWords(launcher));
	onTestFinished(async () => {
		if (!isGone(pid)) process.kill(pid, 'SIGKILL');
		launcher.kill('SIGKILL');
		await gone;
	});
	const identityOf = (one: number) => identify(one) ?? expect.unreachable();
	const { pid: leader = 0 } = launcher;
	return {
		pid,
		identity: identityOf(pid),
		origin: { launcher: identityOf(leader), since: toStartPoint(leader), marker: makeMarker() },
		endLauncher: async () => {
			launcher.kill('SIGKILL');
			await gone;
		},
	};
}

test('daemons that are attached in one turn each hold their session without the launcher, whatever their order', async () => {
	const first = await session();
	const second = await session();
	// What was started after the second launcher does not include the first daemon.
	const attached = [second, first].map(({ identity, origin }) => attach(identity, origin));
	await first.endLauncher();
	await second.endLauncher();
	expect(attached.map(daemon => daemon.isLauncherAlive())).toEqual([true, true]);
	process.kill(first.pid, 'SIGKILL');
	await expect.poll(() => isGone(first.pid)).toBe(true);
	expect(attached.map(daemon => daemon.isLauncherAlive())).toEqual([true, false]);
});
