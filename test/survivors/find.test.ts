import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toStartPoint } from '../../src/process/table.ts';
import { findSurvivors, lookForSurvivors, ownSessions } from '../../src/survivors/find.ts';
import { MARKER_VARIABLE, makeMarker } from '../../src/survivors/marker.ts';
import { firstWords } from '../support/first-words.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

test('a process that forks and ends during a look is found', async () => {
	const marker = makeMarker();
	const fifo = join(temporaryFolder(), 'fifo');
	spawnSync('mkfifo', [fifo]);
	// 500 generations. Each ends as soon as the next one exists; the last one stays. It executes nothing: in the midst of
	// execve(2) it would have no environment.
	const stay = ': >"$0.last"; read -r _ <"$0"';
	const script = `hop() { if [ "$1" -gt 0 ]; then hop $(($1 - 1)) & else ${stay}; fi; }; read -r _; hop 500`;
	const env = { ...process.env, [MARKER_VARIABLE]: marker };
	const first = spawn('/bin/sh', ['-c', script, fifo], { env, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
	await once(first, 'spawn');
	// A point before the process: a search excludes the process at its start point.
	const since = { ...toStartPoint(first.pid ?? 0), pid: (first.pid ?? 0) - 1 };
	const family = { since, marker, isLauncherAlive: false };
	first.stdin.end('\n');
	const looks: number[] = [];
	const isLast = () => existsSync(`${fifo}.last`);
	while (!isLast() && looks.length < 10_000) looks.push(findSurvivors(family).length);
	for (const { pid } of findSurvivors(family)) process.kill(pid, 'SIGKILL');
	expect([looks.length > 0, looks.filter(count => count === 0).length]).toEqual([true, 0]);
});

test('a process in the session of another daemon of this caller belongs to that daemon', async () => {
	const marker = makeMarker();
	const since = { ...toStartPoint(process.pid), pid: process.pid };
	const env = { ...process.env, [MARKER_VARIABLE]: marker };
	const leader = spawn('sleep', ['1000'], { env, detached: true, stdio: 'ignore' });
	const gone = once(leader, 'exit');
	onTestFinished(async () => {
		ownSessions.delete(leader.pid ?? 0);
		leader.kill('SIGKILL');
		await gone;
	});
	await once(leader, 'spawn');
	const pids = () => findSurvivors({ since, marker, isLauncherAlive: false }).map(({ pid }) => pid);
	// Its environment is there a moment after Node says that it was spawned.
	await expect.poll(pids).toEqual([leader.pid]);
	ownSessions.set(leader.pid ?? 0, 'another');
	expect(pids()).toEqual([]);
});

test('the look that several daemons share comes after the turn of the event loop that asks for it', async () => {
	const marker = makeMarker();
	const since = { ...toStartPoint(process.pid), pid: process.pid };
	const env = { ...process.env, [MARKER_VARIABLE]: marker };
	const leader = spawn('sleep', ['1000'], { env, detached: true, stdio: 'ignore' });
	const sessions = [process.pid, process.ppid, leader.pid ?? 0];
	const gone = once(leader, 'exit');
	onTestFinished(async () => {
		for (const session of sessions) ownSessions.delete(session);
		leader.kill('SIGKILL');
		await gone;
	});
	await once(leader, 'spawn');
	for (const session of sessions.slice(0, 2)) ownSessions.set(session, 'another');
	const found = lookForSurvivors({ since, marker, isLauncherAlive: false });
	ownSessions.set(leader.pid ?? 0, 'another');
	expect(await found).toEqual([]);
});

test('a process in the session of one daemon belongs to no other that is looked for at the same time', async () => {
	const [one, other] = [makeMarker(), makeMarker()];
	const env = { ...process.env, [MARKER_VARIABLE]: other };
	const script = 'sleep 1000 >/dev/null & echo $!; wait';
	const launcher = spawn('sh', ['-c', script], { env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
	const gone = once(launcher, 'exit');
	onTestFinished(async () => {
		process.kill(-(launcher.pid ?? 0), 'SIGKILL');
		await gone;
	});
	const child = Number(await firstWords(launcher));
	const since = toStartPoint(launcher.pid ?? 0);
	const queries = [
		{ since, marker: one, isLauncherAlive: true },
		{ since: { ...since, pid: since.pid - 1 }, marker: other, isLauncherAlive: false },
	];
	const pidsOf = (survivors: readonly { pid: number }[]) => survivors.map(({ pid }) => pid);
	const [ofOne, ofOther] = await Promise.all(queries.map(query => lookForSurvivors(query)));
	expect([pidsOf(ofOne ?? []), pidsOf(ofOther ?? [])]).toEqual([[child], []]);
	const alone = queries[1] && (await lookForSurvivors(queries[1]));
	expect(pidsOf(alone ?? [])).toEqual([launcher.pid, child]);
});

test('a process in an older session was not made by the launcher, whatever its environment says', async () => {
	const marker = makeMarker();
	const env = { ...process.env, [MARKER_VARIABLE]: marker };
	const children = [spawn('sleep', ['1000']), spawn('sleep', ['1000'], { env })];
	const gone = Promise.all(children.map(child => once(child, 'exit')));
	onTestFinished(async () => {
		for (const child of children) child.kill('SIGKILL');
		await gone;
	});
	await Promise.all(children.map(child => once(child, 'spawn')));
	const [launcher = 0, other] = children.map(({ pid }) => pid);
	const find = (forks: number) =>
		findSurvivors({ since: { pid: launcher, forks }, marker, isLauncherAlive: false }).map(({ pid }) => pid);
	expect(find(toStartPoint(launcher).forks)).toEqual([]);
	// Pids may have come round, and say nothing about the age of a session then.
	await expect.poll(() => find(Number.NaN)).toEqual([other]);
});

test('group and session of the launcher say nothing once it is not certain that they are still its own', async () => {
	const launcher = spawn('sh', ['-c', 'sleep 1000 & echo $!; wait'], {
		detached: true,
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	const gone = once(launcher, 'exit');
	onTestFinished(async () => {
		process.kill(-(launcher.pid ?? 0), 'SIGKILL');
		await gone;
	});
	const since = toStartPoint(launcher.pid ?? 0);
	const child = Number(await firstWords(launcher));
	const ties = (isLauncherAlive: boolean) =>
		findSurvivors({ since, marker: makeMarker(), isLauncherAlive }).map(({ pid, foundBy }) => [pid, foundBy]);
	expect(ties(true)).toEqual([[child, 'process group']]);
	expect(ties(false)).toEqual([]);
});
