/** The matchers for daemons, with the texts of their failures. */
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../../src/index.ts';
import { whenAborted } from '../../src/time/deadline.ts';
import '../../src/vitest/matchers.ts';
import { fixture } from '../support/fixtures.ts';

/** Says `up`, and exits with code 7 at SIGTERM, which a teardown then does not report. */
const options = {
	name: 'api',
	startupCommand: ['sh', '-c', 'trap "exit 7" TERM; echo up; while :; do read -r line; done'],
	stdin: 'open',
	lookFor: 'up',
} as const;

const steady = (text: string) =>
	text
		.replace(/\d+( {3})/g, 'N$1')
		.replace(/\d+ ms/g, 'N ms')
		.replace(/child \d+/, 'child N');

async function failure(expectation: () => unknown): Promise<string> {
	try {
		await expectation();
	} catch (error) {
		return steady((error as Error).message);
	}
	return 'none';
}

describe('a daemon that runs', () => {
	test('is alive, has logged, and neither is gone nor has it exited', async () => {
		await using daemon = await startDaemon(options);
		expect(daemon).toBeAlive();
		expect(daemon).not.toBeGone();
		expect(daemon).toHaveLogged('u');
		expect(daemon).toHaveLogged(/^up$/g);
		expect(daemon).not.toHaveLogged('down');
		await expect(daemon).not.toHaveExitedWith(7);
		const failures = [
			await failure(() => expect(daemon).not.toBeAlive()),
			await failure(() => expect(daemon).toBeGone()),
			await failure(() => expect(daemon).toHaveLogged(/down/)),
			await failure(() => expect(daemon).not.toHaveLogged('u')),
			await failure(() => expect(daemon).toHaveExitedWith('SIGKILL')),
		];
		expect(
			failures.map(text => text.replace('\n  pid          N   running\n  log          | up', ' [rows]')).join('\n'),
		).toMatchInlineSnapshot(`
			"Expected api not to be alive, but it runs [rows]
			Expected api to be gone, but it runs [rows]
			Expected api to have logged /down/, but its only line is another one [rows]
			Expected api not to have logged "u", but it has: up [rows]
			Expected api to have been killed by SIGKILL, but it runs [rows]"
		`);
	});
});

describe('a daemon that has ended', () => {
	test('is gone, and has exited with its status', async () => {
		await using daemon = await startDaemon(options);
		const exit = daemon.expectExit();
		process.kill(daemon.pid, 'SIGTERM');
		await exit;
		expect(daemon).not.toBeAlive();
		expect(daemon).toBeGone();
		await expect(daemon).toHaveExitedWith(7);
		await expect(daemon).toHaveExitedWith({ code: 7, signal: null });
		expect(await failure(() => expect(daemon).toHaveExitedWith(0))).toMatchInlineSnapshot(`
			"Expected api to have exited with code 0, but it exited with code 7
			  pid          N   gone
			  log          | up"
		`);
		expect(await failure(() => expect(daemon).not.toBeGone())).toMatchInlineSnapshot(`
			"Expected api not to be gone, but nothing of it is left
			  pid          N   gone
			  log          | up"
		`);
		expect(await failure(() => expect(daemon).toBeAlive())).toMatchInlineSnapshot(`
			"Expected api to be alive, but it has ended
			  pid          N   gone
			  log          | up"
		`);
	});

	test('is not gone while a process of it is left', async () => {
		const startupCommand = [fixture('forks-children.sh')];
		await using daemon = await startDaemon({ startupCommand, lookFor: 'ready' });
		process.kill(daemon.pid, 'SIGKILL');
		await whenAborted(daemon.signal);
		expect(await failure(() => expect(daemon).toBeGone())).toMatchInlineSnapshot(`
			"Expected forks-children.sh to be gone, but it has left processes behind
			  pid          N   was killed by SIGKILL, launched N ms ago, first output after N ms, ready after N ms
			  log          | ready, child N"
		`);
		expect(await failure(() => expect(daemon).toBeAlive())).toMatch(
			/^Expected forks-children.sh to be alive, but it was killed by SIGKILL while it was in use\n {2}pid /,
		);
		await expect(daemon[Symbol.asyncDispose]()).rejects.toThrow('left a process behind');
	});
});

test('what is no daemon, or no status, is refused', async () => {
	await using daemon = await startDaemon(options);
	expect(() => expect(5).toBeAlive()).toThrow('`toBeAlive` is for daemons, but got 5 (number).');
	// @ts-expect-error: that is the point.
	expect(() => expect(daemon).toHaveLogged(5)).toThrow('`toHaveLogged` expects a string or a RegExp, but got 5');
	// @ts-expect-error: that is the point.
	await expect(() => expect(daemon).toHaveExitedWith(true)).rejects.toThrow('expects an exit code or a signal');
});
