/** What comes after the time of a test: the tests of `fixtures/vitest/within-test.suite.ts`. */
import { expect, test } from 'vitest';
import type { Test } from '../../src/vitest/test-run.ts';
import { untilOver } from '../../src/vitest/within-test.ts';
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

test.for([
	['is reported by the end of a test whose time has passed', true],
	['is left to the function of a test that goes on', false],
] as const)('an error of the work %s', async ([, isAborted]) => {
	const [timeout, failure] = [new AbortController(), new Error('of the work')];
	let end = async () => {};
	const onTestFinished = (work: () => Promise<void>) => {
		end = work;
	};
	const ours = { context: { signal: timeout.signal, onTestFinished } } as unknown as Test;
	const failing = untilOver(ours, undefined, 1000, async () => {
		if (isAborted) timeout.abort();
		throw failure;
	});
	await expect(failing).rejects.toBe(failure);
	if (isAborted) await expect(end()).rejects.toBe(failure);
	else await end();
});

test('what a test has not waited for is ended with a reason that says so', async () => {
	let end = async () => {};
	const onTestFinished = (work: () => Promise<void>) => {
		end = work;
	};
	const ours = { context: { signal: undefined, onTestFinished } } as unknown as Test;
	const left = untilOver(
		ours,
		undefined,
		1000,
		signal => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
	);
	await end();
	await expect(left).rejects.toThrow(/^the test ended without waiting for this: is an `await` missing\?$/);
	await expect(left).rejects.toMatchObject({ name: 'AbortError' });
});
