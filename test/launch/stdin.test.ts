import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Daemon, type DaemonOptions, startDaemon, withDaemon } from '../../src/index.ts';
import { whyNoExecve } from '../../src/native/execve.mjs';
import { startStayingCaller } from '../support/callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';

const ends = { startupCommand: [fixture('ends-with-its-stdin.sh')], lookFor: 'ready' };
const open = { ...ends, stdin: 'open' } as const;

/** Waits until a daemon that ends with its stdin would have ended: another one with a closed stdin has ended. */
const timeToEnd = () => expect(startDaemon({ ...ends, lookFor: 'never' })).rejects.toThrow('exited with code 0');

function socketsOf(pid: number | 'self'): string[] {
	const targets = readdirSync(`/proc/${pid}/fd`).map(descriptor => {
		try {
			return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
		} catch {
			// ENOENT: the descriptor by which the folder was read.
			return '';
		}
	});
	return targets.filter(target => target.startsWith('socket:'));
}

async function expectToLive(options: DaemonOptions): Promise<void> {
	await withDaemon(options, async daemon => {
		await timeToEnd();
		expect(daemon.isAlive()).toBe(true);
	});
}

test('by default stdin is /dev/null, which has ended', async () => {
	await timeToEnd();
});

test('an open stdin does not end, and is the only socket that the daemon has', async () => {
	await expectToLive(open);
	await withDaemon(open, ({ pid }) => expect(socketsOf(pid)).toEqual([readlinkSync(`/proc/${pid}/fd/0`)]));
});

test('an open stdin does not end in a daemon that is JavaScript', async () => {
	const startupCommand = () => {
		process.stdin.on('end', () => process.exit()).resume();
		console.log('ready');
	};
	await expectToLive({ startupCommand, stdin: 'open', lookFor: 'ready' });
});

test.skipIf(whyNoExecve() !== undefined)('an open stdin does not end in a command with a hook before it', async () => {
	await expectToLive({ ...open, beforeExec: () => {} });
});

test('an open stdin ends with the caller, even if nothing else ends the daemon', async () => {
	const folder = temporaryFolder();
	const files = [join(folder, 'daemon.pid'), join(folder, 'daemon.log')];
	const caller = startStayingCaller('keeps-a-stdin-open.mjs', [...files, fixture('ends-with-its-stdin.sh')]);
	const pid = Number(await caller.line());
	expect(isGone(pid)).toBe(false);
	await caller.end('SIGKILL');
	await expect.poll(() => isGone(pid)).toBe(true);
});

test('the caller closes its end of an open stdin when the daemon has ended', async () => {
	await withDaemon({ startupCommand: 'sleep 1000' }, () => {});
	// Some of these may be closed meanwhile, as they are of a test before.
	const before = new Set(socketsOf('self'));
	const more = () => socketsOf('self').filter(socket => !before.has(socket));
	await withDaemon(open, () => expect(more()).not.toEqual([]));
	await expect.poll(more).toEqual([]);
	await expect(startDaemon({ ...open, startupCommand: 'false' })).rejects.toThrow('exited with code 1');
	await expect.poll(more).toEqual([]);
});

test('a daemon with an open stdin cannot be started for good', async () => {
	const folder = temporaryFolder();
	const daemon = new Daemon({ name: 'open', pidFile: join(folder, 'pid'), startupCommand: 'sleep 9', stdin: 'open' });
	await expect(daemon.startup({ exit: true })).rejects.toThrow(
		"`stdin: 'open'` ends with the caller, so a daemon that has it cannot outlive it by `startup({ exit: true })`.",
	);
	expect(daemon.state).toBe('idle');
});
