import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { onTestFinished } from '../support/this-test.ts';
import { endLeft, findLeft } from './left-processes.ts';
import { isMarked, read, toLimit } from './run-marker.ts';

/**
 * Others may test a checkout on this machine at the same time. A process without CAP_SYS_RESOURCE can only lower a limit
 * (setrlimit(2)), and this one has that of its run.
 */
const newRun = () => randomInt(Number.parseInt(String(process.env['WITHDAEMON_TEST_RUN']), 16)).toString(16);
const [run, other] = [newRun(), newRun()];

/** A process whose parent has ended, and which has neither a variable nor a folder of this run. */
async function startOrphan(): Promise<number> {
	const clean = ['env', '-i', 'sh', '-c', 'cd /; sleep 1000 <&- >&- 2>&- & echo $!'];
	const shell = spawn('prlimit', [`--rttime=${toLimit(run)}`, ...clean], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [said] = await Promise.all([text(shell.stdout), once(shell, 'exit')]);
	expect(said).toMatch(/^\d+\n$/);
	const pid = Number(said);
	onTestFinished(() => isMarked(pid, run) && process.kill(pid, 'SIGKILL'));
	await expect.poll(() => readlinkSync(`/proc/${pid}/exe`)).toMatch(/sleep|coreutils|busybox/);
	return pid;
}

test.skipIf(process.platform !== 'linux')(
	'an orphan that has cleared its environment is found by its limit, named and ended',
	async () => {
		const pid = await startOrphan();
		expect(findLeft(other)).toEqual([]);
		const left = findLeft(run);
		expect(left).toMatchObject([{ pid, text: expect.stringMatching(new RegExp(`^process ${pid}: sleep 1000\\n`)) }]);
		await endLeft(left);
		expect(findLeft(run)).toEqual([]);
	},
);

test.skipIf(process.platform !== 'linux')('this run is marked in both places', () => {
	const marker = String(process.env['WITHDAEMON_TEST_RUN']);
	expect(read(process.pid, 'limits')).toContain(toLimit(marker));
	expect(read(process.pid, 'environ')).toContain(`WITHDAEMON_TEST_RUN=${marker}`);
});
