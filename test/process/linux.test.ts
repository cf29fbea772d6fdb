import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { identify } from '../../src/process/identity.ts';
import {
	parseSignalSet,
	parseStat,
	readCommandLine,
	readCondition,
	readProcess,
	startedAt,
} from '../../src/process/linux.ts';

test('a name with spaces and parentheses does not confuse the fields', () => {
	const stat = '4211 (a ) S (b)) R 1 4210 4209 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987654 2453504 194 0';
	const expected = { pid: 4211, state: 'R', ppid: 1, pgid: 4210, sid: 4209, isExiting: false, startTime: '987654' };
	expect(parseStat(stat)).toEqual(expected);
	expect(parseStat(stat.replace(' 4194304 ', ' 4194308 '))).toEqual({ ...expected, isExiting: true });
});

test('our own process is found, with its parent and its age', () => {
	const facts = readProcess(process.pid);
	expect(facts).toMatchObject({ pid: process.pid, ppid: process.ppid });
	const ageMs = facts ? Date.now() - startedAt(facts) : Number.NaN;
	expect(Math.abs(ageMs - process.uptime() * 1000)).toBeLessThan(5000);
});

test('a process that does not exist is undefined', () => {
	expect([readProcess(4194304), readCommandLine(4194304), readCondition(4194304)]).toEqual([undefined, undefined, []]);
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
