import { expect, test } from 'vitest';
import { Daemon, notified, withDaemon } from '../../src/index.ts';
import { findUnnamedPidFile } from '../../src/options/forking-problems.ts';

const forking = { name: 'x', pidFile: '/tmp/x.pid', startupCommand: 'x', forking: true } as const;

test.each([
	[
		{ startupCommand: () => {} },
		'`forking` is for commands that daemonize themselves, but `startupCommand` is JavaScript, which does not.',
	],
	[{ pidFile: '/dev/null' }, '`forking` needs a PID file that the daemon writes, but /dev/null is not a regular file.'],
	[
		{ stdin: 'open' as const },
		"`forking` and `stdin: 'open'` contradict each other: a daemon that leaves its parent has no use for a stdin.",
	],
	[
		{ listen: 'auto' as const },
		'`forking` and `listen` contradict each other: LISTEN_PID names the command, which is not the daemon then.',
	],
	[
		{ successExitCodes: [0] },
		'`forking` and `successExitCodes` contradict each other: only its parent learns the exit code of a process.',
	],
])('`forking` is refused with %j', (options, problem) => {
	expect(() => new Daemon({ ...forking, ...options })).toThrow(problem);
	expect(() => new Daemon({ ...forking, ...options, forking: false })).not.toThrow(problem);
});

test('a helper refuses a command that cannot know the PID file', async () => {
	const problem = 'put {pidFile} into the command or `env`, or give the option `pidFile` the path';
	await expect(withDaemon({ startupCommand: 'x', forking: true }, () => {})).rejects.toThrow(problem);
	const env = { PID_FILE: '{pidFile}' };
	const knows = withDaemon({ startupCommand: '/no/such/program', forking: true, env }, () => {});
	await expect(knows).rejects.toThrow('/no/such/program does not exist (ENOENT)');
});

test.each([{ pidFile: 'x.pid' }, { cwd: '{dir}' }, { startupCommand: 'x --pid {pidFile}' }, { ready: notified() }])(
	'the PID file or the daemon is known with %j',
	options => {
		expect(findUnnamedPidFile({ startupCommand: 'x', forking: true })).toHaveLength(1);
		expect(findUnnamedPidFile({ startupCommand: 'x', forking: true, ...options })).toEqual([]);
	},
);
