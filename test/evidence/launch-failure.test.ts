import { expect, test } from 'vitest';
import { explainLaunchFailure } from '../../src/evidence/launch-failure.ts';
import { systemError } from '../../src/os/errno.ts';

test('a limit of processes is named as one, whether it is that of the user or of the container', () => {
	const attempt = { name: 'x', argv: ['x'], cwd: '/', env: {}, output: 'null' } as const;
	// The number is there unless there is no limit.
	expect(explainLaunchFailure(systemError('EAGAIN', 'spawn', '/bin/sh'), attempt).replace(/ \(\d+\)/, '')).toBe(
		'could not be started: its user has no process left, of those that `ulimit -u` or the container allows (EAGAIN)',
	);
});
