import { expect, test } from 'vitest';
import type { CoreOptions } from '../../src/index.ts';
import { findPortProblems } from '../../src/options/port-problems.ts';
import { listening, logged } from '../../src/readiness/index.ts';

const problemsOf = (options: Partial<CoreOptions>) =>
	findPortProblems({ name: 'x', pidFile: 'x.pid', startupCommand: 'x', ...options });

test('a port that the daemon chooses needs a group that captures it', () => {
	expect(problemsOf({ port: 0 })).toEqual([
		'`port` is 0, so the daemon chooses it: let `lookFor` capture it, by a group (?<port>\\d+).',
	]);
	expect(problemsOf({ ports: { http: 0, admin: 0 }, lookFor: /on (?<admin>\d+)/ })).toEqual([
		'`ports.http` is 0, so the daemon chooses it: let `lookFor` capture it, by a group (?<http>\\d+).',
	]);
	expect(problemsOf({ port: 0, lookFor: 'on (?<port>' })).toHaveLength(1);
	expect(problemsOf({ port: 0, lookFor: /(?<port>\d+)/ })).toEqual([]);
	expect(problemsOf({ port: 0, lookFor: 'ready', ready: [logged(/(?<port>\d+)/)] })).toEqual([]);
	expect(problemsOf({ port: 'auto', ports: { http: 80 } })).toEqual([]);
});

test('no probe can use a port that the daemon chooses, as it is only known when the daemon is ready', () => {
	expect(problemsOf({ port: 0, lookFor: /(?<port>\d+)/, ready: listening() })).toEqual([
		'`ready` uses {port}, but that is 0, so it is only known when the daemon is ready.',
	]);
	expect(
		problemsOf({ port: 0, ports: { http: 1 }, lookFor: /(?<port>\d+)/, ready: listening('{ports.http}') }),
	).toEqual([]);
});
