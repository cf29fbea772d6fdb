/** What is shown with failing tests of what their daemons have logged: the tests of `fixtures/vitest/log.suite.ts`. */
import { expect, test } from 'vitest';
import { runSuites } from './run-suites.ts';

const of = (cause: string, ...logs: readonly string[]) => [`Error: of the ${cause}`, ...logs].join('\n\n');
const logged = (daemon: string, ...lines: readonly string[]) =>
	[`${daemon} logged during this test:`, ...lines.map(line => `  | ${line}`)].join('\n');
const lastLines = Array.from({ length: 20 }, (_, index) => `\n  | line ${81 + index}`).join('');

const expected = {
	'with useDaemon > passes': 'passed',
	'with useDaemon > fails': [of('test', logged('used', 'signal 2'))],
	'with useDaemon > fails softly, twice': [
		`AssertionError: expected 1 to be 2 // Object.is equality\n\n${logged('used', 'signal 3')}`,
		'AssertionError: expected 3 to be 4 // Object.is equality',
	],
	'with useDaemon > fails after much': [
		of('test', `used logged 100 lines during this test, the last 20 of them:${lastLines}`),
	],
	'with useDaemon > fails after silence': [of('test')],
	'with useDaemon > fails at first': [
		of('first try', logged('used', 'signal 4')),
		of('second try', logged('used', 'signal 5')),
	],
	'with useDaemon > which says something > times out': [
		expect.stringMatching(/^Error: Test timed out in 100ms[\s\S]*\n {2}\| signal 6$/),
	],
	// The error of a death has the last lines itself.
	'with useDaemon > in which it dies': [
		expect.stringMatching(/^DaemonExitedError: used was killed by SIGKILL(?!.*logged during)[\s\S]*signal 6$/),
	],
	'with useDaemon for each test > fails': [of('test', logged('used', 'ready', 'signal 1'))],
	'with fixtures, fails': [
		of('test', ...['of the worker', 'of the file', 'of the test'].map(name => logged(name, 'ready', 'signal 1'))),
	],
	'with fixtures that were there, fails': [
		of('test', ...['of the worker', 'of the file'].map(name => logged(name, 'signal 2'))),
	],
	'with no fixture, fails': [of('test')],
	'with withDaemon, fails': [of('function', logged('says', 'ready'))],
	'with withDaemon, times out': [expect.stringMatching(/^Error: Test timed out.*\n[\s\S]*\n {2}\| ready$/)],
	'with startDaemon, fails': [of('test', logged('says', 'ready'))],
	'with startDaemon, times out': [expect.stringMatching(/^Error: Test timed out.*\n[\s\S]*\n {2}\| ready$/)],
	'with startDaemon among concurrent tests, fails': [of('test', logged('says', 'ready'))],
	'with startDaemon in a hook > fails': [of('test', logged('says', 'ready'))],
};

test('a failing test shows what each of its daemons has logged during it, and only that', {
	timeout: 600_000,
}, async () => {
	const { outcome, left } = await runSuites('log.suite.ts', '--pool', 'threads');
	const { artifacts, ...ends } = outcome;
	expect(left).toEqual([]);
	expect(ends).toEqual(
		Object.fromEntries(Object.entries(expected).map(([name, end]) => [`log.suite.ts > ${name}`, end])),
	);
	const whole = Array.from({ length: 100 }, (_, index) => `line ${index + 1}\n`).join('');
	expect(artifacts).toContain(`fails after much: ${JSON.stringify(['withdaemon:log', 'used', whole])}`);
	expect(artifacts).toHaveLength(18);
});
