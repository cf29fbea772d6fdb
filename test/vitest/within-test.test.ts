/** What comes after the time of a test: the tests of `fixtures/vitest/within-test.suite.ts`. */
import { expect, test } from 'vitest';
import { runSuites } from './run-suites.ts';

const names = [
	'in withDaemon',
	'in withDaemons',
	'after startDaemon',
	'after startDaemons',
	'after startDaemons, before its hooks have run',
];
const failures = [
	expect.stringMatching(/^Error: Test timed out in 10000ms/),
	expect.stringMatching(/^LeakError: \S+ left a process behind\n/),
];

test('an error of the teardown is reported although the time of the test passed first', {
	timeout: 600_000,
}, async () => {
	const { outcome, left } = await runSuites('within-test.suite.ts', '--pool', 'threads');
	const { artifacts: _, ...ends } = outcome;
	const expected = names.map(name => [`within-test.suite.ts > fails too late > ${name}`, failures]);
	expect(ends).toEqual(Object.fromEntries(expected));
	expect(left).toEqual([]);
});
