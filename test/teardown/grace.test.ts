import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { graceOf, isBackground, isEnding, rememberAsked } from '../../src/teardown/grace.ts';
import type { KillMode } from '../../src/teardown/signal-daemon.ts';
import { now } from '../../src/time/clock.ts';
import { firstWords } from '../support/first-words.ts';
import { onTestFinished } from '../support/this-test.ts';

/** A process alone in its group that has set its signals like this. */
async function start(...argv: [string, ...string[]]): Promise<number> {
	const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
	const gone = once(child, 'exit');
	onTestFinished(async () => {
		process.kill(-(child.pid ?? 0), 'SIGKILL');
		await gone;
	});
	await firstWords(child);
	return child.pid ?? 0;
}

const deaf = ['sh', '-c', "trap '' INT; echo; exec sleep 1000"] as const;
/** It forks before it prints anything: a shell blocks every signal while it forks. */
const listening = ['sh', '-c', "trap 'sleep 1' INT; sleep 1000 & echo; wait"] as const;
const blocking = ['env', '--block-signal=INT', 'sh', '-c', 'echo; exec sleep 1000'] as const;

const isEndingAfter = (pid: number, signal: NodeJS.Signals, pgid = pid) =>
	isEnding({ pid, startTime: '' }, { signal, pgid, until: 0 });

test('a process that ignores the signal is not about to end; one that handles it is', async () => {
	const [ignores, handles] = await Promise.all([start(...deaf), start(...listening)]);
	expect([ignores, handles].map(pid => isEndingAfter(pid, 'SIGINT'))).toEqual([false, true]);
	expect([ignores, handles].map(pid => isEndingAfter(pid, 'SIGTERM'))).toEqual([true, true]);
});

test('a process that blocks the signal is about to end, unless the signal is still pending', async () => {
	const pid = await start(...blocking);
	// Like after a sigwait(3), or while a shell forks.
	expect(isEndingAfter(pid, 'SIGINT')).toBe(true);
	process.kill(pid, 'SIGINT');
	expect([isEndingAfter(pid, 'SIGINT'), isEndingAfter(pid, 'SIGTERM')]).toEqual([false, true]);
});

test('a process outside the signalled group was not asked', async () => {
	const pid = await start(...listening);
	expect([isEndingAfter(pid, 'SIGINT'), isEndingAfter(pid, 'SIGINT', process.pid)]).toEqual([true, false]);
});

test('the grace is what is left of the time for the shutdown, but no less than a moment and no more than 5 s', () => {
	const graceFor = (ms: number) => graceOf({ signal: 'SIGINT', pgid: 1, until: now() + ms });
	expect([graceOf(undefined), graceFor(0), graceFor(60_000)]).toEqual([200, 200, 5000]);
	expect(graceFor(3000)).toBeGreaterThan(2000);
	expect(graceFor(3000)).toBeLessThanOrEqual(3000);
});

test('a process was started in the background if it ignores SIGINT and SIGQUIT, but not SIGTERM', async () => {
	const ignoring = (...signals: string[]) => start('sh', '-c', `trap '' ${signals.join(' ')}; echo; exec sleep 1000`);
	const pids = await Promise.all([ignoring('INT', 'QUIT'), ignoring('INT'), ignoring('INT', 'QUIT', 'TERM')]);
	const isBackgroundAfter = (pid: number, signal: NodeJS.Signals) =>
		isBackground({ pid, startTime: '' }, { signal, pgid: pid, until: 0 });
	expect(pids.map(pid => isBackgroundAfter(pid, 'SIGINT'))).toEqual([true, false, false]);
	expect(pids.map(pid => isBackgroundAfter(pid, 'SIGTERM'))).toEqual([false, false, false]);
});

test('a group was asked if it is the launcher’s, or if the daemon leads it', () => {
	const target = { identity: { pid: 300, startTime: '' }, launcher: 200 };
	const isAsked = (pgid: number, killMode: KillMode = 'group') =>
		rememberAsked(target, { signal: 'SIGINT', killMode }, { pgid }, 1000)?.pgid === pgid;
	expect([200, 300].map(pgid => isAsked(pgid))).toEqual([true, true]);
	expect([0, 100].map(pgid => isAsked(pgid))).toEqual([false, false]);
	expect(isAsked(300, 'process')).toBe(false);
});
