import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
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

/** A process whose parent has ended, which has neither a variable nor a folder of this run, and ignores SIGTERM. */
async function startOrphan(): Promise<number> {
	const clean = ['env', '-i', 'TMPDIR=/of-a-file', 'sh', '-c', 'cd /; trap "" TERM; sleep 1000 <&- >&- 2>&- & echo $!'];
	const shell = spawn('prlimit', [`--rttime=${toLimit(run)}`, ...clean], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [said] = await Promise.all([text(shell.stdout), once(shell, 'exit')]);
	expect(said).toMatch(/^\d+\n$/);
	const pid = Number(said);
	onTestFinished(() => isMarked(pid, run) && process.kill(pid, 'SIGKILL'));
	return pid;
}

test.skipIf(process.platform !== 'linux')(
	'an orphan that has cleared its environment is found by its limit, named and ended',
	async () => {
		const pid = await startOrphan();
		const text = expect.stringContaining(`process ${pid}: sleep 1000\n    temporary files: /of-a-file\n`);
		// Its command is there when its shell has executed it.
		await expect.poll(() => findLeft(run)).toMatchObject([{ pid, text }]);
		expect(findLeft(other)).toEqual([]);
		await endLeft(findLeft(run));
		expect(findLeft(run)).toEqual([]);
	},
);

test.skipIf(process.platform !== 'linux')('this run is marked in both places', () => {
	const marker = String(process.env['WITHDAEMON_TEST_RUN']);
	expect(read(process.pid, 'limits')).toContain(toLimit(marker));
	expect(read(process.pid, 'environ')).toContain(`WITHDAEMON_TEST_RUN=${marker}`);
});
