import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identify, isRunning, type ProcessIdentity, readRunning } from '../../src/process/identity.ts';
import { signalDaemon } from '../../src/teardown/signal-daemon.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

test.skipIf(process.platform !== 'linux')(
	'a daemon that leaves its group just before the group gets a signal gets it by itself',
	async () => {
		const fifo = join(temporaryFolder(), 'fifo');
		spawnSync('mkfifo', [fifo]);
		const script = '{ read -r _ <"$0"; exec setsid sleep 1000; } >&2 & echo $!; wait';
		const launcher = spawn('sh', ['-c', script, fifo], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
		const exited = once(launcher, 'exit');
		const [pid] = (await once(launcher.stdout, 'data')).map(Number);
		const identity = identify(pid ?? 0) as ProcessIdentity;
		onTestFinished(async () => {
			for (const each of [identity, identify(launcher.pid ?? 0)])
				if (each && isRunning(each)) process.kill(each.pid, 'SIGKILL');
			await exited;
		});
		const isInGroup = () => readRunning(identity)?.pgid === launcher.pid;
		const target = {
			identity,
			// It is read after the look at the daemon, and before the signal is sent.
			get launcher() {
				if (isInGroup()) writeFileSync(fifo, '\n');
				while (isInGroup());
				return launcher.pid;
			},
			since: undefined,
			marker: undefined,
			exited,
		};
		expect(signalDaemon(target, 'SIGTERM', 'group')).toEqual({ outcome: 'sent', pgid: launcher.pid });
		await expect.poll(() => isRunning(identity)).toBe(false);
	},
);
