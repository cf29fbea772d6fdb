import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { identify, type ProcessIdentity } from '../../../src/process/identity.ts';
import { cleanUp } from '../../../src/reaper/awake/clean-up.ts';
import { claim, makeCallerFolder, nameCallerFolder } from '../../../src/registry/caller-folder.ts';
import { Entry } from '../../../src/registry/entry.ts';
import { REGISTRY } from '../../../src/registry/folder.ts';
import { settlesWithin } from '../../../src/time/deadline.ts';
import { firstWords } from '../../support/first-words.ts';
import { temporaryFolder } from '../../support/fixtures.ts';
import { isGone } from '../../support/processes.ts';
import { onTestFinished } from '../../support/this-test.ts';

/** A process that the reaper must not touch, noted as a daemon of a dead caller. */
async function bystander(
	change: (identity: ProcessIdentity) => ProcessIdentity = identity => identity,
	{ script = 'echo; exec sleep 1000', shutdownTimeout = 100 } = {},
) {
	const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
	const gone = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await gone;
	});
	await firstWords(child);
	const identity = change(identify(child.pid ?? 0) ?? expect.unreachable());
	const pidFile = join(temporaryFolder(), 'daemon.pid');
	const folder = join(temporaryFolder(), 'withdaemon-dir');
	mkdirSync(folder);
	writeFileSync(pidFile, `${identity.pid}\n`);
	const caller = nameCallerFolder(join(temporaryFolder(), REGISTRY));
	makeCallerFolder(caller);
	const entry = new Entry(caller);
	const marker = '0123456789abcdef';
	const request = { kind: 'signal', signal: 'SIGINT' } as const;
	entry.note({ folder });
	entry.note({ run: { name: 'sleep', marker, pidFile, request, killMode: 'group', shutdownTimeout } });
	entry.note({ launched: { marker, identity, launcher: identity, since: { pid: identity.pid, forks: 0 } } });
	return { claimed: claim(caller) ?? expect.unreachable(), folder, pidFile, pid: identity.pid };
}

test('a process that has the pid of a daemon, but started at another time, is not signalled', async () => {
	const { claimed, folder, pidFile, pid } = await bystander(({ pid }) => ({ pid, startTime: '1' }));
	await cleanUp(claimed);
	expect(isGone(pid)).toBe(false);
	expect([folder, claimed.path].filter(existsSync)).toEqual([]);
	// The PID file may belong to that process.
	expect(readFileSync(pidFile, 'utf8')).toBe(`${pid}\n`);
});

test('a run from before the boot of the machine has no process that is signalled', async () => {
	const { claimed, folder, pid } = await bystander();
	await cleanUp({ ...claimed, isFromBefore: true });
	expect(isGone(pid)).toBe(false);
	expect([folder, claimed.path].filter(existsSync)).toEqual([]);
});

test('an entry that cannot be read does not keep the others from being cleaned', async () => {
	const { claimed, folder } = await bystander(({ pid }) => ({ pid, startTime: '1' }));
	writeFileSync(join(claimed.path, '0.jsonl'), 'no JSON\n');
	await cleanUp(claimed);
	expect([folder, claimed.path].filter(existsSync)).toEqual([]);
});

test('a draft of a PID file is removed, and other files stay', async () => {
	const { claimed, pidFile } = await bystander();
	const others = ['.daemon.pid.backup', '.other.pid.0a1b2c3d'].map(name => join(dirname(pidFile), name));
	const draft = join(dirname(pidFile), '.daemon.pid.0a1b2c3d');
	for (const path of [...others, draft]) writeFileSync(path, '');
	await cleanUp({ ...claimed, isFromBefore: true });
	expect([...others, draft].filter(existsSync)).toEqual(others);
});

test('a daemon that does not end when it is asked gets 5 s at most, however long its caller would have waited', async () => {
	const deaf = { script: "trap '' INT; echo; exec sleep 1000", shutdownTimeout: 600_000 };
	const { claimed, pid } = await bystander(identity => identity, deaf);
	expect(await settlesWithin(cleanUp(claimed), 60_000)).toBe(true);
	expect(isGone(pid)).toBe(true);
});
