/** What users see when something goes wrong, in each of vitest's pools: the suites of `fixtures/vitest/`. */
import { expect, test } from 'vitest';
import type { Outcome } from '../../fixtures/vitest/outcome-reporter.ts';
import { runSuites } from './run-suites.ts';

const DIED = 'was killed by SIGKILL while it was in use';
const LEAKED = 'LeakError: forks-children.sh left a process behind';
/** The kernel may take longer for SIGTERM than the library waits. */
const FORCED = expect.stringMatching(
	/^ShutdownTimeoutError: ignores-signals.sh did not end within 300 ms of SIGINT, and was ended by SIG(?:TERM|KILL)$/,
);
/** Four fifths of the 15 s of the test, less what has passed by then. */
const neverReady = expect.stringMatching(
	/^StartupTimeoutError: never-ready.sh was not ready within (?:12000|1[01]\d{3}|\d{1,4}) ms$/,
);
const killed = expect.stringMatching(
	/^ShutdownTimeoutError: ignores-signals.sh did not end within (?:12000|1[01]\d{3}|\d{1,4}) ms of SIGTERM, and was ended by SIGKILL$/,
);

/** On a busy machine the time of the test may be over while the failure is still cleaned up. vitest says so first. */
const orTooLate = (limitMs: number, failure: unknown) =>
	expect.toBeOneOf([[failure], [`Error: Test timed out in ${limitMs}ms.`, failure]]);

const died = [`DaemonExitedError: is-ready.sh ${DIED}`];

/** Their tests wait for ever, unless the death ends them. */
const deaths = {
	'death.suite.ts > of useDaemon > fails the test': died,
	'death.suite.ts > of useDaemon > fails the next test': died,
	'death.suite.ts > of useDaemon for each test > fails the test': died,
	'death.suite.ts > of useDaemon for each test > but not the next one, before which its hooks have run': 'passed',
	'death.suite.ts > of useDaemon in concurrent tests > fails one': died,
	'death.suite.ts > of useDaemon in concurrent tests > fails another': died,
	'death.suite.ts > of a fixture': died,
	'death.suite.ts > of a fixture of the file, for those that use it': died,
	'death.suite.ts > of a fixture of the file, which is told again': died,
	'death.suite.ts > of a fixture of the file, which others do not use': 'passed',
	'death.suite.ts > of withDaemon': died,
	'death.suite.ts > of startDaemon': died,
	'death.suite.ts > of startDaemon in concurrent tests > fails the test that started it': died,
	'death.suite.ts > of startDaemon in concurrent tests > fails no other': 'passed',
	'death.suite.ts > of startDaemon in a hook > fails the test': died,
	'death.suite.ts > of startDaemon in a hook > which may be retried': 'passed',
};

const expected = {
	'use-daemon.suite.ts > a daemon that dies > is there before': 'passed',
	'use-daemon.suite.ts > a daemon that dies > fails the test it dies in': [
		'Error: socket hang up',
		`DaemonExitedError: forks-children.sh ${DIED}`,
	],
	...deaths,
	'use-daemon.suite.ts > a daemon that dies > fails the tests after it': [
		`DaemonExitedError: forks-children.sh ${DIED}`,
	],
	'use-daemon.suite.ts > a daemon that dies': [LEAKED],
	'use-daemon.suite.ts > a daemon that dies after its last test > passes': 'passed',
	'use-daemon.suite.ts > a daemon that dies after its last test': [`DaemonExitedError: is-ready.sh ${DIED}`],
	'use-daemon.suite.ts > a daemon that is never ready > is skipped': 'skipped',
	'use-daemon.suite.ts > a daemon that is never ready': [
		'StartupTimeoutError: never-ready.sh was not ready within 300 ms',
	],
	'use-daemon.suite.ts > a daemon for each test > that ignores the shutdown > fails': [FORCED],
	'use-daemon.suite.ts > a daemon for each test > that dies and leaves a child > fails': [
		`DaemonExitedError: forks-children.sh ${DIED}`,
		LEAKED,
	],
	'use-daemon.suite.ts > a daemon for each test > that dies and leaves a child > is alive again': [LEAKED],
	'use-daemon.suite.ts > a daemon for each test > with concurrent tests > is refused': [
		"InvalidOptionError: `per: 'test'` is for tests that run one after the other: for `test.concurrent` use `daemonFixture`.",
	],
	'use-daemon.suite.ts > hooks that throw > fails': ['Error: afterEach failed'],
	'use-daemon.suite.ts > hooks that throw': ['Error: afterAll failed'],
	'refused.suite.ts': [
		'InvalidOptionError: Expected `timeout` to be a number of milliseconds from 1 to 2147483647, but got "5s" (string).',
	],
	'fixture.suite.ts > a daemon that dies': [`DaemonExitedError: is-ready.sh ${DIED}`],
	'fixture.suite.ts > two of three daemons that do not end as they should': [FORCED, LEAKED],
	'fixture.suite.ts > a daemon of the file that leaves a child': 'passed',
	'fixture.suite.ts > a test that is over > soon after its daemon was given up': orTooLate(
		15_000,
		'StartupTimeoutError: never-ready.sh was not ready within 12000 ms',
	),
	'fixture.suite.ts > a test that is over > before the daemon that was given up has ended': [
		'Error: Test timed out in 10000ms.',
		'StartupTimeoutError: ignores-signals.sh was not ready within 8000 ms',
	],
	'fixture.suite.ts > a test that is over > before its daemon was started': ['Error: Test timed out in 100ms.'],
	'fixture.suite.ts > a hook that is over > before its daemon is ready': ['Error: Hook timed out in 1000ms.'],
	'fixture.suite.ts > the next test': 'passed',
	'fixture.suite.ts': [LEAKED],
	'function.suite.ts > a function imports what it needs': 'passed',
	'function.suite.ts > a function that throws': [
		'StartupError: daemon exited with code 1 before it was ready: RangeError: in the function',
	],
	'function.suite.ts > a function that uses a variable': [
		'StartupError: daemon exited with code 1 before it was ready: ReferenceError: outside is not defined',
	],
	'function.suite.ts > a function that uses an import': [
		"InvalidOptionError: `startupCommand`: the function uses `basename` from the surrounding file, which does not exist in the daemon's process: import() it inside the function, pass it in `args`, or name a module, as { module, export }.",
	],
	'with-daemon.suite.ts > a daemon > that is never ready': orTooLate(15_000, neverReady),
	'with-daemon.suite.ts > a daemon > that is never ready, to be disposed of': orTooLate(15_000, neverReady),
	'with-daemon.suite.ts > a daemon > that is used': 'passed',
	'with-daemon.suite.ts > a daemon > that ignores SIGTERM': orTooLate(15_000, killed),
	'with-daemon.suite.ts > a daemon > that ignores SIGTERM, and is disposed of': orTooLate(15_000, killed),
	'with-daemon.suite.ts > a daemon > that is given up, and ends after its test': [
		'Error: Test timed out in 10000ms.',
		expect.stringMatching(/^StartupTimeoutError: ignores-signals.sh was not ready within [1-8]?\d{1,3} ms$/),
	],
	'with-daemon.suite.ts > a daemon > of a test among others': [
		'StartupTimeoutError: never-ready.sh was not ready within 300 ms',
	],
	'with-daemon.suite.ts > a test that is over > leaves its daemon': ['Error: Test timed out in 10000ms.'],
	'with-daemon.suite.ts > a test that is over > before the next one, which has the same port': 'passed',
	'with-daemon.suite.ts > another test that is over > leaves its daemon, to be disposed of': [
		'Error: Test timed out in 10000ms.',
	],
	'with-daemon.suite.ts > another test that is over > before the next one, which has the same port': 'passed',
	'with-daemon.suite.ts > a hook > has its own limit': [
		'StartupTimeoutError: never-ready.sh was not ready within 1000 ms',
	],
	'worker-first.suite.ts > the first file has a daemon': 'passed',
	'worker-second.suite.ts > the second file has a daemon': 'passed',
};

/** In these pools vitest treats a daemon of the worker as one of the file. */
const expectedInVm = { ...expected, 'worker-first.suite.ts': [LEAKED], 'worker-second.suite.ts': [LEAKED] };

/** Failures at the end of a worker come too late for a test: vitest may report them, and a warning does. */
const firstLines = ({ run: _, artifacts: __, ...outcome }: Outcome) =>
	Object.fromEntries(
		Object.entries(outcome).map(([name, end]) => [
			name,
			typeof end === 'string' ? end : end.map(message => message.replace(/^(?:Hook|Test)Timeout|\n.*/gs, '')),
		]),
	);

/**
 * These suites differ with the pool alone, or with the isolation alone: they run in two pools that differ in both, and
 * in the one with contexts. The others, about daemons of a file or of a worker, run in each combination.
 */
const OF_ONE_TEST = ['death', 'function', 'refused', 'with-daemon'];
const isOfOneTest = (name: string) => OF_ONE_TEST.some(suite => name.startsWith(`${suite}.suite.ts`));
const ofFilesAndWorkers = Object.fromEntries(Object.entries(expected).filter(([name]) => !isOfOneTest(name)));

const EXCLUDED = ['log', 'with-daemons', 'within-test'];
const whole = { excluded: EXCLUDED, expected };
const part = { excluded: [...EXCLUDED, ...OF_ONE_TEST], expected: ofFilesAndWorkers };

const pools = [
	['forks', { args: ['--pool', 'forks'], workers: 2, ...part }],
	['forks without isolation', { args: ['--pool', 'forks', '--no-isolate'], workers: 1, ...whole }],
	['threads', { args: ['--pool', 'threads'], workers: 2, ...whole }],
	['threads without isolation', { args: ['--pool', 'threads', '--no-isolate'], workers: 1, ...part }],
	['vmThreads', { args: ['--pool', 'vmThreads'], workers: 2, ...whole, expected: expectedInVm }],
] as const;

test.concurrent.for(pools)(
	'every failure is reported where it belongs, and nothing is left, in %s',
	{ timeout: 600_000 },
	async ([, { args, workers, excluded, expected }]) => {
		const { exitCode, stderr, outcome, started, left } = await runSuites(
			'--exclude',
			`{${excluded.join()}}.suite.ts`,
			...args,
		);
		expect(firstLines(outcome)).toEqual(expected);
		expect(left).toEqual([]);
		expect(exitCode).toBe(1);
		expect(started.filter(command => command.endsWith('of the worker'))).toHaveLength(workers);
		expect(stderr.split('\n').filter(line => line.endsWith(LEAKED))).toHaveLength(workers);
		expect(outcome['use-daemon.suite.ts > a daemon that dies > fails the tests after it']).toEqual([
			expect.stringMatching(/\n {2}pid {10}\d+ {3}was killed by SIGKILL, .*\n {2}log {10}\| ready, child \d+$/),
		]);
		if (excluded.includes('function')) return;
		expect(outcome['function.suite.ts > a function that throws']).toEqual([
			expect.stringMatching(/\n {2}thrown at {4}\/.*\/function\.suite\.ts:23:9\n/),
		]);
		expect(outcome['function.suite.ts > a function that uses a variable']).toEqual([
			expect.stringMatching(/\n {2}hint {9}the function of startupCommand refers to `outside`, /),
		]);
	},
);
