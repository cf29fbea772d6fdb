import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { FFI_VARIABLE, loadLibc } from '../../src/native/libc.mjs';
import { isPidBetween, listMadeSince, listStartedSince, toStartPoint } from '../../src/process/started-since.ts';
import { onTestFinished } from '../support/this-test.ts';

test('only processes that started after a given one are found', async () => {
	const start = () => spawn('sleep', ['1000'], { stdio: 'ignore' });
	const [first, second, third] = [start(), start(), start()];
	const pids = listStartedSince(toStartPoint(second.pid ?? 0)).processes.map(({ pid }) => pid);
	expect(pids).toContain(third.pid);
	expect([first.pid, second.pid, process.pid, process.ppid].filter(pid => pids.includes(pid ?? 0))).toEqual([]);
	await Promise.all(
		[first, second, third].map(async child => {
			const gone = once(child, 'exit');
			child.kill('SIGKILL');
			await gone;
		}),
	);
});

test.each(['koffi', 'off'])(
	'what a launcher may have made is found, and no more is read than needed, with %s',
	async way => {
		vi.stubEnv(FFI_VARIABLE, way);
		onTestFinished(() => void vi.unstubAllEnvs());
		if (way === 'koffi') loadLibc();
		const start = (detached: boolean) => spawn('sleep', ['1000'], { stdio: 'ignore', detached });
		const all = [start(true), start(false), start(true)];
		const [launcher = 0, inOurSession = 0, inAnother = 0] = all.map(({ pid }) => pid);
		const find = (forks: number) => {
			const point = { pid: launcher, forks };
			const pids = listMadeSince([point], [point]).processes.map(({ pid }) => pid);
			return [launcher, inOurSession, inAnother].filter(pid => pids.includes(pid));
		};
		expect(find(toStartPoint(launcher).forks)).toEqual(way === 'koffi' ? [inAnother] : [inOurSession, inAnother]);
		expect(find(Number.NaN)).toEqual([launcher, inOurSession, inAnother]);
		// Its own session: nobody but the launcher is in it here.
		const before = { ...toStartPoint(launcher), pid: launcher - 1 };
		const ofThird = { ...before, pid: inAnother };
		const found = listMadeSince([before], [ofThird]).processes.map(({ pid }) => pid);
		expect(found).toContain(inAnother);
		expect(found.includes(launcher)).toBe(way === 'off');
		await Promise.all(
			all.map(async child => {
				const gone = once(child, 'exit');
				child.kill('SIGKILL');
				await gone;
			}),
		);
	},
);

test('all processes are inspected when the pids may have come round', () => {
	const { pid, forks } = toStartPoint(process.pid);
	const all = (count: number) => listStartedSince({ pid, forks: count }).processes.map(facts => facts.pid);
	const limit = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8'));
	expect(all(forks - 0.6 * limit)).toContain(process.ppid);
	// The count is unknown.
	expect(all(Number.NaN)).toContain(process.ppid);
});

test.each([
	['in order', [301, 400], [300, 401, 5], 300, 400],
	['round the limit', [32_001, 32_767, 300, 400], [32_000, 401, 20_000], 32_000, 400],
	['of nobody', [], [299, 300, 301], 300, 300],
])('pids %s are between two others', (_, between, outside, first, last) => {
	expect(between.filter(pid => !isPidBetween(pid, first, last))).toEqual([]);
	expect(outside.filter(pid => isPidBetween(pid, first, last))).toEqual([]);
});
