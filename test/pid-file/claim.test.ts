import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { judge, readClaim } from '../../src/pid-file/claim.ts';
import { readProcess, startedAt } from '../../src/process/table.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

/** The pid of a process that does nothing, and when it was started. */
async function bystander(): Promise<{ readonly pid: number; readonly since: number }> {
	const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
	const gone = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await gone;
	});
	await once(child, 'spawn');
	const pid = child.pid ?? 0;
	return { pid, since: startedAt(readProcess(pid) ?? expect.unreachable()) };
}

const own = process.geteuid?.() ?? 0;

test('a file of root or of the current user is believed, and a file of another user is not', async () => {
	const { pid, since } = await bystander();
	const asAnother = vi.spyOn(process, 'geteuid').mockReturnValue(4711);
	onTestFinished(() => void asAnother.mockRestore());
	const verdicts = [0, 4711, 4712].map(uid => judge({ pid, uid, writtenAt: since + 1000 }, undefined));
	expect(verdicts).toEqual([
		'living',
		'living',
		{ doubt: 'user 4712 owns it, who is neither root nor the user who asks' },
	]);
});

test('a file that is older than its process is not believed; the clocks may differ by a moment', async () => {
	const { pid, since } = await bystander();
	const judgedAt = (writtenAt: number) => judge({ pid, uid: own, writtenAt }, undefined);
	expect([judgedAt(since + 1000), judgedAt(since - 50)]).toEqual(['living', 'living']);
	const anew = { doubt: `process ${pid} started after it was written, so the pid was reused` };
	expect([judgedAt(since - 3000), judgedAt(since - 9000)]).toEqual([anew, anew]);
});

test('only a regular file has a claim: not a socket, a folder or a symlink', async () => {
	const folder = temporaryFolder();
	const at = (name: string) => join(folder, name);
	writeFileSync(at('file'), '4711\n');
	const server = createServer().listen(at('socket'));
	onTestFinished(() => void server.close());
	await once(server, 'listening');
	mkdirSync(at('folder'));
	symlinkSync(at('file'), at('link'));
	expect(readClaim(at('file'))?.pid).toBe(4711);
	for (const name of ['socket', 'folder', 'link']) expect(readClaim(at(name))).toBeUndefined();
});
