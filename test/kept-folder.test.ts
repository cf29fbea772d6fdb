import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { endDaemon } from '../src/hooks/end-daemon.ts';
import { type DaemonOptions, startDaemon, withDaemon } from '../src/index.ts';
import { findKeepProblems, keepOf } from '../src/kept-folder.ts';
import { nextTurn } from '../src/time/clock.ts';
import { takeWarnings } from './setup/no-warnings.ts';
import { runCaller } from './support/callers.ts';
import { eventually, killCaller, type Said, startCaller } from './support/doomed-callers.ts';
import { fixture, temporaryFolder } from './support/fixtures.ts';
import { isGone } from './support/processes.ts';
import { watchTraces } from './support/traces.ts';

const ready = { startupCommand: [fixture('ends-with-its-stdin.sh')], stdin: 'open', lookFor: 'ready' } as const;
const failed = { ...ready, keep: 'failed' } as const;

/** Exactly one folder must be left, with this file in it. */
function expectFolder(left: string[], file: string): string {
	const [folder = ''] = left;
	expect(left).toEqual([folder]);
	expect(readdirSync(folder)).toContain(file);
	return folder;
}

const failureOf = (run: Promise<unknown>): Promise<Error> =>
	run.then(
		() => expect.unreachable(),
		(error: Error) => error,
	);

describe("`keep: 'failed'`", () => {
	test('keeps the folder of a start that failed, and the error has its path', async () => {
		const { left } = watchTraces();
		const error = await failureOf(startDaemon({ ...failed, stdin: 'null', lookFor: 'never' }));
		const folder = expectFolder(left(), 'ends-with-its-stdin.sh.log');
		expect(error.message).toMatch(new RegExp(`\n  kept +${folder}$`));
		expect(error.stack).toContain(error.message);
		expect(error).toMatchObject({ code: 'ERR_DAEMON_STARTUP', evidence: expect.arrayContaining([['kept', folder]]) });
	});

	test('keeps the folder of a daemon that died in use', async () => {
		const { left } = watchTraces();
		const options = { ...failed, startupCommand: [fixture('ready-then-dies.sh')] };
		const run = withDaemon(options, ({ pid, exited }) => process.kill(pid, 'SIGUSR2') && exited);
		const error = await failureOf(run);
		expect(error.message).toContain(`kept         ${expectFolder(left(), 'ready-then-dies.sh.log')}`);
		expect(error.message.match(/kept /g)).toHaveLength(1);
	});

	test('keeps the folder of a daemon whose teardown failed, and a second teardown leaves it', async () => {
		const { left } = watchTraces();
		const options = { ...failed, startupCommand: [fixture('forks-children.sh')], shutdownCommand: 'SIGINT' } as const;
		const daemon = await startDaemon(options);
		const error = await failureOf(daemon[Symbol.asyncDispose]());
		expect(error).toMatchObject({ code: 'ERR_DAEMON_LEAK' });
		await daemon[Symbol.asyncDispose]();
		expect(error.message).toContain(`kept         ${expectFolder(left(), 'forks-children.sh.log')}`);
		expect(error.message.match(/kept /g)).toHaveLength(1);
	});

	test('emits a process warning if the function itself failed', async () => {
		const { left } = watchTraces();
		const failure = new Error('of the test');
		const run = withDaemon({ ...failed, name: 'db' }, () => Promise.reject(failure));
		await expect(run).rejects.toBe(failure);
		const message = `the temporary folder of db was kept: ${expectFolder(left(), 'db.log')}`;
		await expect.poll(takeWarnings).toMatchObject([{ name: 'KeptFolderWarning', message }]);
		expect(failure.message).toBe('of the test');
	});

	test('does not put its folder into the error of another daemon', async () => {
		const { left } = watchTraces();
		const run = withDaemon({ ...failed, name: 'outer' }, () => startDaemon({ startupCommand: '/no/such/command' }));
		expect((await failureOf(run)).message).not.toContain('kept');
		const message = `the temporary folder of outer was kept: ${expectFolder(left(), 'outer.log')}`;
		await expect.poll(takeWarnings).toMatchObject([{ message }]);
	});

	test('keeps the folder of a daemon whose test has failed, in fixtures and hooks too', async () => {
		const { left } = watchTraces();
		await endDaemon(await startDaemon({ ...failed, name: 'db' }), true);
		expectFolder(left(), 'db.log');
		await expect.poll(takeWarnings).toMatchObject([{ name: 'KeptFolderWarning' }]);
	});

	test('keeps the folder of a daemon that its `signal` ended', async () => {
		const { left } = watchTraces();
		const controller = new AbortController();
		const daemon = await startDaemon({ ...failed, name: 'db', signal: controller.signal });
		controller.abort();
		await daemon[Symbol.asyncDispose]();
		expectFolder(left(), 'db.log');
		await expect.poll(takeWarnings).toMatchObject([{ name: 'KeptFolderWarning' }]);
	});

	test('keeps nothing of a daemon that could not be stopped, until it is', async () => {
		const { left } = watchTraces();
		const daemon = await startDaemon({ ...failed, name: 'db' });
		daemon.noteFailure(new Error('of the test'));
		const immortal = vi.spyOn(daemon, 'isOver').mockReturnValue(false);
		await daemon[Symbol.asyncDispose]();
		await nextTurn();
		expect(takeWarnings()).toEqual([]);
		immortal.mockRestore();
		await daemon[Symbol.asyncDispose]();
		const message = `the temporary folder of db was kept: ${expectFolder(left(), 'db.log')}`;
		await expect.poll(takeWarnings).toMatchObject([{ message }]);
	});

	test('keeps nothing if nothing has failed', async () => {
		const { left } = watchTraces();
		await withDaemon(failed, () => {});
		await endDaemon(await startDaemon(failed), false);
		expect(left()).toEqual([]);
	});
});

test("`keep: 'always'` keeps the folder where nothing has failed, too", async () => {
	const { left } = watchTraces();
	const dir = await withDaemon({ ...ready, keep: 'always' }, ({ dir }) => dir);
	expect(expectFolder(left(), 'ends-with-its-stdin.sh.log')).toBe(dir);
	expect(readdirSync(dir)).toEqual(['ends-with-its-stdin.sh.log']);
	await expect.poll(takeWarnings).toMatchObject([{ message: expect.stringContaining(dir) }]);
});

test('WITHDAEMON_KEEP, if it is always, keeps the folder of a caller that has died, too', async () => {
	const temporary = temporaryFolder();
	const options = { startupCommand: [fixture('is-ready.sh')], lookFor: 'ready' } as const;
	const caller = startCaller('waits', options, temporary, [], ['env', 'WITHDAEMON_KEEP=always']);
	const { pid, dir } = (await caller.next()) as Said;
	await killCaller(caller, 'SIGKILL');
	await eventually(() => isGone(pid) && readdirSync(temporary).length === 1);
	expect(readdirSync(temporary).map(name => join(temporary, name))).toEqual([dir]);
	expect(readdirSync(dir)).toEqual(['is-ready.sh.log']);
});

describe('WITHDAEMON_KEEP', () => {
	const env = { WITHDAEMON_KEEP: 'always' };

	test('applies if the option is absent, and not if it is given', () => {
		expect([keepOf({}, env), keepOf({ keep: 'failed' }, env), keepOf({}, { WITHDAEMON_KEEP: '' })]).toEqual([
			...['always', 'failed', undefined],
		]);
	});

	test('is refused by name before anything is started, unless it is empty', async () => {
		const { output } = await runCaller('says-error.mjs', ['true'], ['env', 'WITHDAEMON_KEEP=yes']);
		expect(JSON.parse(output).message).toBe(
			"Expected the environment variable `WITHDAEMON_KEEP` to be 'failed' or 'always', but got \"yes\" (string).",
		);
		expect([{}, { WITHDAEMON_KEEP: '' }, env].flatMap(each => findKeepProblems(each))).toEqual([]);
	});
});

test('`keep` with any other value is refused', async () => {
	const options = { ...ready, keep: 'never' } as unknown as DaemonOptions;
	await expect(startDaemon(options)).rejects.toThrow(
		"Expected `keep` to be 'failed' or 'always', but got \"never\" (string).",
	);
});
