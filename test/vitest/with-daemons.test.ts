import { expect, test } from 'vitest';
import { startDaemons, withDaemons } from '../../src/vitest/index.ts';
import { onTestFinished } from '../support/this-test.ts';
import { runSuites } from './run-suites.ts';

const member = { startupCommand: ['sh', '-c', 'echo ready; exec sleep 1000'], lookFor: 'ready' } as const;
const group = {
	brief: { ...member, shutdownTimeout: 1234 },
	first: { ...member, shutdownTimeout: 600_000, dependsOn: 'brief' },
	second: { ...member, shutdownTimeout: 600_000, dependsOn: 'first' },
} as const;

test('a `shutdownTimeout` within the time of the test is kept, and longer ones get a share of what is left', async () => {
	const states: string[] = [];
	const used = await withDaemons(group, daemons => daemons, {
		onChange: ({ name, state }) => states.push(`${name} ${state}`),
	});
	const disposed = await startDaemons(group);
	await disposed[Symbol.asyncDispose]();
	for (const { brief, first, second } of [used, disposed]) {
		expect(brief.shutdownTimeout).toBe(1234);
		expect(second.shutdownTimeout).toBeLessThan(600_000);
		expect(first.shutdownTimeout).toBeLessThan(second.shutdownTimeout);
	}
	expect(states).toContain('second stopping');
});

test('a group that is ended after the test has its own limits', async () => {
	const daemons = await startDaemons(group);
	onTestFinished(async () => {
		await daemons[Symbol.asyncDispose]();
		expect(daemons.first.shutdownTimeout).toBe(600_000);
	});
});

const logged = (name: string) => `\n\n${name} logged during this test:\n  | ready`;
const logs = `${logged('one')}${logged('other')}`;

const notReady = expect.stringMatching(/^StartupTimeoutError: daemons were not ready within 1?\d{1,4} ms\n/);
/** On a busy machine the time of the test may be over while the failure is still cleaned up. vitest says so first. */
const late = expect.toBeOneOf([[notReady], [expect.stringMatching(/^Error: Test timed out in 15000ms/), notReady]]);
// The error of a death has the last lines of the member itself.
const died = [
	expect.stringMatching(
		/^DaemonExitedError: other was killed by SIGKILL while it was in use\n[\s\S]*\| ready\n\none logged during this test:\n {2}\| ready$/,
	),
];
const timedOut = [
	expect.stringMatching(/^Error: Test timed out in 15000ms[\s\S]*\n\none logged [\s\S]*\n\nother logged [\s\S]*ready$/),
];

const expected = {
	'a group that is never ready > in time': late,
	'a group that is never ready > in time, to be disposed of': late,
	'a group that is never ready > and ends after its test': [
		expect.stringMatching(/^Error: Test timed out in 10000ms/),
		expect.stringMatching(/^StartupTimeoutError: daemons were not ready within [1-8]?\d{1,3} ms\n/),
		expect.stringMatching(
			/^StartupError: ignores-signals.sh was stopped before it was ready, [\s\S]*ended by SIGKILL$/,
		),
	],
	'a group that is never ready > within its own limit': [
		expect.stringMatching(/^StartupTimeoutError: daemons were not ready within 300 ms\n/),
	],
	'a test that is over > leaves its group': timedOut,
	'a test that is over > which is gone before the next one': 'passed',
	'another test that is over > leaves its group, to be disposed of': timedOut,
	'another test that is over > which is gone before the next one': 'passed',
	'the death of a member > ends the test': died,
	'the death of a member > ends the test that may dispose of the group': died,
	'the death of a member > and the group before the next test': 'passed',
	'a test that fails > with a group': [`Error: of the function${logs}`],
	'a test that fails > after a group': [`Error: of the test${logs}`],
	'a group of a hook > dies': died,
	'a group of a hook > has logged': [`Error: of the test${logs}`],
	'what is wrong is refused > a limit': [
		'InvalidOptionError: Expected `startupTimeout` to be a number of milliseconds from 1 to 2147483647, but got "5s" (string).',
	],
	'what is wrong is refused > a listener': [
		'InvalidOptionError: Expected `onChange` to be a function, but got "log" (string).',
	],
	'what is wrong is refused > a missing function': [
		'InvalidOptionError: `withDaemons` needs a function as its second argument: for a group that goes on without one there is `startDaemons`.',
	],
};

test('a group ends with its test, whose failure shows the death of a member and the log of each', {
	timeout: 600_000,
}, async () => {
	const { outcome, left } = await runSuites('with-daemons.suite.ts', '--pool', 'threads');
	const { artifacts: _, ...ends } = outcome;
	const named = Object.entries(expected).map(([name, end]) => [`with-daemons.suite.ts > ${name}`, end]);
	expect(ends).toEqual(Object.fromEntries(named));
	expect(left).toEqual([]);
});
