import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { identify } from '../../src/process/identity.ts';
import {
	isDoomed,
	parseSignalSet,
	parseStat,
	readCommandLine,
	readCondition,
	readProcess,
	startedAt,
} from '../../src/process/linux.ts';
import { pollUntil } from '../../src/time/poll.ts';

test('a name with spaces and parentheses does not confuse the fields', () => {
	const stat = '4211 (a ) S (b)) R 1 4210 4209 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987654 2453504 194 0';
	expect(parseStat(stat)).toEqual({ pid: 4211, state: 'R', ppid: 1, pgid: 4210, sid: 4209, startTime: '987654' });
});

test('our own process is found, with its parent and its age', () => {
	const facts = readProcess(process.pid);
	expect(facts).toMatchObject({ pid: process.pid, ppid: process.ppid });
	const ageMs = facts ? Date.now() - startedAt(facts) : Number.NaN;
	expect(Math.abs(ageMs - process.uptime() * 1000)).toBeLessThan(5000);
});

test('a process that does not exist is undefined', () => {
	expect([readProcess(4194303), readCommandLine(4194303), readCondition(4194303)]).toEqual([undefined, undefined, []]);
});

test('a thread is not a process, although /proc has its number', () => {
	const threads = readdirSync('/proc/self/task').map(Number);
	expect(threads.length).toBeGreaterThan(1);
	expect(threads.filter(thread => existsSync(`/proc/${thread}/stat`))).toEqual(threads);
	expect(threads.filter(thread => readProcess(thread))).toEqual([process.pid]);
	expect(threads.filter(thread => identify(thread))).toEqual([process.pid]);
});

test('a kernel thread has its name in brackets', () => {
	expect(readCommandLine(process.pid)).toContain('node');
});

test('a signal mask is read bit by bit', () => {
	expect(parseSignalSet('0000000000001001')).toEqual(['SIGHUP', 'SIGPIPE']);
	expect(parseSignalSet('0000000000004002')).toEqual(['SIGINT', 'SIGTERM']);
	expect(parseSignalSet('0000000000000000')).toEqual([]);
});

test('a process is doomed from the moment when a fatal signal is sent', async () => {
	for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
		const child = spawn('sleep', ['60'], { stdio: 'ignore' });
		const { pid = 0 } = child;
		const ended = once(child, 'exit');
		expect([identify(pid)?.pid, isDoomed(pid)]).toEqual([pid, false]);
		child.kill(signal);
		expect(isDoomed(pid)).toBe(true);
		await ended;
	}
});

test('a process that is exiting, or has exited, is doomed without any signal', async () => {
	// A zombie: `exec` makes a parent of the shell that does not know of any children.
	const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 1000'], { stdio: ['ignore', 'pipe', 'ignore'] });
	const gone = once(parent, 'exit');
	onTestFinished(async () => {
		parent.kill('SIGKILL');
		await gone;
	});
	const pid = Number(String((await once(parent.stdout, 'data'))[0]));
	await pollUntil(() => readProcess(pid)?.state === 'Z', AbortSignal.timeout(60_000));
	expect([isDoomed(pid), isDoomed(parent.pid ?? 0)]).toEqual([true, false]);
});
