/** `pause()` and `resume()`: a daemon that exists, but does not answer. */
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import {
	DaemonExitedError,
	type DaemonOptions,
	InvalidOptionError,
	type RunningDaemon,
	startDaemon,
} from '../../src/index.ts';
import { Run } from '../../src/lifecycle/run.ts';
import { fixture } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

const listens = { startupCommand: [fixture('listens.mjs'), '{port}'], lookFor: 'ready', port: 'auto' } as const;
/** The shell waits for its child, whose pid is the first line of the log. */
const withChild = { startupCommand: ['sh', '-c', 'sleep 1000 & echo $!; wait'], lookFor: /^\d+$/ } as const;

async function start(options: DaemonOptions): Promise<RunningDaemon> {
	const daemon = await startDaemon(options);
	onTestFinished(() => daemon[Symbol.asyncDispose]().catch(() => {}));
	return daemon;
}

/** The states of all threads, such as `TTTT`. */
function statesOf(pid: number): string {
	const threads = readdirSync(`/proc/${pid}/task`);
	const stats = threads.map(thread => readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1'));
	return stats.map(stat => stat.slice(stat.lastIndexOf(')') + 2)[0]).join('');
}

const childOf = (daemon: RunningDaemon) => Number(daemon.log.lines()[0]);

test('a paused daemon is alive and accepts connections, but answers only when it is resumed', async () => {
	const daemon = await start(listens);
	expect(await daemon.pause()).toBe(daemon);
	expect(statesOf(daemon.pid)).toMatch(/^T{2,}$/);
	expect([daemon.isAlive(), daemon.state, daemon.signal.aborted]).toEqual([true, 'ready', false]);
	const answer = text(connect(daemon.port, '127.0.0.1'));
	expect(await daemon.pause()).toBe(daemon);
	expect(await daemon.resume()).toBe(daemon);
	expect(await answer).toBe('hello\n');
	expect(await daemon.resume()).toBe(daemon);
});

test('the whole group is paused, and goes on', async () => {
	const daemon = await start(withChild);
	await daemon.pause();
	expect([statesOf(daemon.pid), statesOf(childOf(daemon))]).toEqual(['T', 'T']);
	await daemon.resume();
	expect([statesOf(daemon.pid), statesOf(childOf(daemon))]).not.toContain('T');
});

test('with `killMode: process` the daemon alone is paused', async () => {
	const daemon = await start({ ...withChild, killMode: 'process' });
	daemon.shutdownCommand = () => process.kill(childOf(daemon)) && process.kill(daemon.pid);
	await daemon.pause();
	expect(statesOf(daemon.pid)).toBe('T');
	// S or, if it was just forked, R.
	expect(statesOf(childOf(daemon))).not.toContain('T');
});

test.each([
	['a signal', 'SIGTERM'],
	['a program', 'kill $(cat {pidFile})'],
	['a function', ({ pid }: { pid: number }) => process.kill(pid)],
] as const)('a paused daemon is shut down by %s', async (_, shutdownCommand) => {
	const handler = "process.on('SIGTERM', () => process.exit(7)); console.log('ready')";
	const code = `${handler}; setInterval(() => {}, 1000)`;
	const daemon = await start({ startupCommand: [process.execPath, '-e', code], lookFor: 'ready', shutdownCommand });
	await daemon.pause();
	await daemon.shutdown();
	expect([await daemon.exited, daemon.state]).toEqual([{ code: 7, signal: null }, 'stopped']);
	await daemon.resume();
});

test('a paused daemon that nobody resumed is torn down without an error', async () => {
	const daemon = await start(withChild);
	const child = childOf(daemon);
	await daemon.pause();
	await daemon[Symbol.asyncDispose]();
	expect([isGone(daemon.pid), isGone(child)]).toEqual([true, true]);
});

test('a paused daemon is restarted', async () => {
	const daemon = await start(listens);
	await daemon.pause();
	await daemon.restart();
	expect(await text(connect(daemon.port, '127.0.0.1'))).toBe('hello\n');
});

test('the death of a paused daemon is noticed, with its status', async () => {
	const daemon = await start(withChild);
	await daemon.pause();
	process.kill(daemon.pid, 'SIGKILL');
	expect(await daemon.exited).toEqual({ code: null, signal: 'SIGKILL' });
	await expect(daemon.pause()).rejects.toThrow(DaemonExitedError);
	await expect(daemon.pause()).rejects.toThrow('cannot be paused');
});

test('a daemon that has died a moment ago cannot be paused, and the error says that it died', async () => {
	const daemon = await start(withChild);
	process.kill(daemon.pid, 'SIGKILL');
	// Without a turn of the event loop, so that nobody has heard of its end yet.
	while (!isGone(daemon.pid));
	await expect(daemon.pause()).rejects.toThrow(DaemonExitedError);
});

test('a daemon that dies while it is paused cannot be paused, and the error says that it died', async () => {
	const daemon = await start(withChild);
	const { pause } = Run.prototype;
	const spy = vi.spyOn(Run.prototype, 'pause').mockImplementationOnce(function (this: Run) {
		process.kill(daemon.pid, 'SIGKILL');
		while (!isGone(daemon.pid));
		return pause.call(this);
	});
	onTestFinished(() => spy.mockRestore());
	await expect(daemon.pause()).rejects.toThrow(DaemonExitedError);
});

test('a daemon that does not run cannot be paused, but resumed', async () => {
	const daemon = await start(listens);
	await daemon.shutdown();
	await expect(daemon.pause()).rejects.toThrow(InvalidOptionError);
	await expect(daemon.pause()).rejects.toThrowErrorMatchingInlineSnapshot(
		`[InvalidOptionError: listens.mjs cannot be paused, as it does not run: start it first.]`,
	);
	await daemon.resume();
	expect(daemon.state).toBe('stopped');
});

test('a pause waits for the start before it', async () => {
	const daemon = await start(listens);
	await daemon.shutdown();
	const [, paused] = await Promise.all([daemon.startup(), daemon.pause()]);
	expect(statesOf(paused.pid)).toMatch(/^T{2,}$/);
});
