import { expect, test } from 'vitest';
import { describeAttempt, explainLaunchFailure } from '../../src/evidence/launch-failure.ts';
import { systemError } from '../../src/os/errno.ts';

test('a limit of processes is named as one, whether it is that of the user or of the container', () => {
	const attempt = { name: 'x', argv: ['x'], cwd: '/', env: {}, output: 'null' } as const;
	// The number is there unless there is no limit.
	expect(explainLaunchFailure(systemError('EAGAIN', 'spawn', '/bin/sh'), attempt).replace(/ \(\d+\)/, '')).toBe(
		'could not be started: its user has no process left, of those that `ulimit -u` or the container allows (EAGAIN)',
	);
});

test('a working directory that is a file is named as one, and no file is looked for in it', () => {
	const cwd = import.meta.filename;
	const attempt = { name: 'x', argv: ['node', './package.json'], cwd, env: {}, output: 'null' } as const;
	const cause = systemError('ENOTDIR', 'chdir', cwd);
	expect(explainLaunchFailure(cause, attempt)).toBe(
		`could not be started: its working directory ${cwd} is not a folder (ENOTDIR)`,
	);
	expect(describeAttempt(attempt, cause).map(([label]) => label)).toEqual(['command', 'cwd']);
});
