import { expect, test } from 'vitest';
import { describeEnding } from '../../src/cli/say.ts';
import { ShutdownTimeoutError } from '../../src/errors.ts';

const FORCED = new ShutdownTimeoutError('api', 'did not end within 100 ms of SIGTERM', 100);

/** No test can make a process that SIGKILL does not end: it would have to wait in the kernel. */
test('stop says that nothing is left only if that is so', () => {
	const clean = { wasGone: undefined, took: 31, error: undefined, isOver: true };
	expect(describeEnding('api', 7, clean)).toBe('api was stopped in 31 ms, pid 7; nothing is left');
	expect(describeEnding('api', 7, { ...clean, wasGone: 'it has ended' })).toBe(
		'api did not run: it has ended; nothing is left',
	);
	const left = { ...clean, error: FORCED };
	expect(describeEnding('api', 7, left)).toBe('api was stopped in 31 ms, pid 7; nothing is left any more');
	expect(describeEnding('api', 7, { ...left, isOver: false })).toBe(
		'api was stopped in 31 ms, pid 7; something of it is still there',
	);
});
