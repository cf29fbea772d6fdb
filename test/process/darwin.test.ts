import { expect, test } from 'vitest';
import { parseCommandLine, parseEnvironments, parseLsof, parsePs, startedAt } from '../../src/process/darwin.ts';

/**
 * `LC_ALL=C TZ=UTC ps -A -o pid=,ppid=,pgid=,state=,lstart=` in the format of ps(1) on macOS. Written by hand, until
 * output is recorded on a Mac.
 */
const OUTPUT = `    1     0     1 Ss   Sat Nov 21 07:58:12 2026
  501     1   501 S    Sun Nov 22 10:04:05 2026
 4211   501   501 S+   Sun Nov  1 09:00:00 2026
 4212  4211   501 Z    Sun Nov 22 10:04:07 2026
 4213  4211   501 SE   Sun Nov 22 10:04:07 2026
`;

test('a line of ps is pid, parent, group, state and start, without the session', () => {
	const [first, , third, fourth, fifth] = parsePs(OUTPUT);
	expect(first).toEqual({
		pid: 1,
		ppid: 0,
		pgid: 1,
		sid: undefined,
		state: 'S',
		isExiting: false,
		startTime: 'Sat Nov 21 07:58:12 2026',
	});
	expect(third?.startTime).toBe('Sun Nov 1 09:00:00 2026');
	expect(fourth?.state).toBe('Z');
	expect(fifth).toMatchObject({ state: 'S', isExiting: true });
});

test('a start time is a moment in UTC', () => {
	const [, second] = parsePs(OUTPUT);
	expect(second && new Date(startedAt(second)).toISOString()).toBe('2026-11-22T10:04:05.000Z');
});

test('a command line is as typed, or a name in brackets if the process has none', () => {
	expect(parseCommandLine('/bin/sh -c (sleep 1)\n')).toBe('/bin/sh -c (sleep 1)');
	expect(parseCommandLine('(sh)\n')).toBe('[sh]');
	expect(parseCommandLine('')).toBeUndefined();
});

/** `ps -A -E -ww -o pid=,command=` in the same format, written by hand too. */
const ENVIRONMENTS = `    1 /sbin/launchd
  501 sleep 1000 HOME=/Users/ada MARKER=ab12 SHELL=/bin/zsh
  502 sleep 1000 HOME=/Users/ada MARKER=ab123 SHELL=/bin/zsh
`;

test('a process with a variable in its environment is found by the exact value', () => {
	expect(parseEnvironments(ENVIRONMENTS, 'MARKER=ab12')).toEqual(new Set([501]));
	expect(parseEnvironments('', 'MARKER=ab12')).toEqual(new Set());
});

/** `lsof -nP -iTCP:8080 -sTCP:LISTEN -Fputn`, in the format of lsof(8), by hand too. */
const SOCKETS = `p4211
u501
f6
tIPv4
n127.0.0.1:8080
f7
tIPv6
n[::1]:8080
p4300
u0
f3
tIPv6
n*:8080
f4
tIPv4
n*:8080
`;

test('a listener is shown with its address and user, as on Linux if it listens on all addresses', () => {
	expect(parseLsof(SOCKETS)).toEqual([
		{ address: '127.0.0.1', pids: [4211], uid: 501 },
		{ address: '::1', pids: [4211], uid: 501 },
		{ address: '::', pids: [4300], uid: 0 },
		{ address: '0.0.0.0', pids: [4300], uid: 0 },
	]);
	const connected = 'p4211\nu501\nf6\ntIPv4\nn127.0.0.1:53->127.0.0.1:4711\n';
	expect(parseLsof(connected)).toEqual([]);
	expect(parseLsof('')).toEqual([]);
});

test('empty output means that there is no process', () => {
	expect(parsePs('')).toEqual([]);
});
