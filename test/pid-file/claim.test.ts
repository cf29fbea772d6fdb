import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { judge } from '../../src/pid-file/claim.ts';
import { readProcess, startedAt } from '../../src/process/table.ts';
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
