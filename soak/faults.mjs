/** The faults of the soak: what a daemon or its caller does wrong, and the outcome that the library must produce. */
import { existsSync, readFileSync } from 'node:fs';
import { commandOf, findReapers, lookAt, until } from './traces.mjs';

/**
 * @typedef {typeof import('withdaemon')} Library
 * @typedef {import('withdaemon').DaemonOptions} DaemonOptions
 * @typedef {Omit<DaemonOptions, 'startupCommand' | 'server'> & { startupCommand?: import('withdaemon').StartupCommand }} Variation
 * @typedef {import('withdaemon').RunningDaemon} RunningDaemon
 *
 * @typedef {object} Cycle
 * @property {Library} library
 * @property {(mode: string, options?: Variation) => DaemonOptions} daemon a daemon of that mode in `daemon.sh`
 * @property {string} notes
 * @property {number} number
 * @property {string} caller
 * @property {string} folder where callers can share a PID file
 * @property {import('./random.mjs').Random} random
 * @property {(ms: number) => Promise<void>} pause for a random time of at most this length
 *
 * @typedef {object} Fault
 * @property {number} weight
 * @property {readonly string[]} expected `resolves`, or the names of errors; one of these
 * @property {(cycle: Cycle) => Promise<unknown>} run
 */

/** What `fn` throws. */
class Thrown extends Error {
	/** @override */
	name = 'Thrown';
}
/** The library broke a guarantee. */
class Broken extends Error {
	/** @override */
	name = 'Broken';
}

/**
 * A whole cycle.
 * @param {string} mode
 * @param {Variation} [options]
 * @param {(cycle: Cycle, daemon: RunningDaemon) => unknown} [fn]
 * @returns {Fault['run']}
 */
const using = (mode, options, fn = cycle => cycle.pause(10)) => {
	return cycle => cycle.library.withDaemon(cycle.daemon(mode, options), daemon => fn(cycle, daemon));
};

/** @param {NodeJS.Signals} signal @returns {(cycle: Cycle, daemon: RunningDaemon) => unknown} */
const sending = signal => (_, daemon) => process.kill(daemon.pid, signal);
const forEver = () => new Promise(() => {});

/** @param {Cycle} cycle @param {RunningDaemon} daemon */
async function killLauncher(cycle, daemon) {
	const launcher = lookAt(daemon.pid)?.ppid ?? 0;
	if (!commandOf(launcher).includes(`withdaemon:${daemon.name}`)) throw new Broken(`the parent is ${launcher}`);
	process.kill(launcher, 'SIGKILL');
	await cycle.pause(5);
}

/** @param {Cycle} cycle */
async function killReaper(cycle) {
	const killed = findReapers(process.pid).map(({ pid }) => pid);
	for (const pid of killed) process.kill(pid, 'SIGKILL');
	// A look takes some ms and blocks the library.
	await cycle.pause(5);
	const isReplaced = () => findReapers(process.pid).some(({ pid }) => !killed.includes(pid));
	if (!(await until(isReplaced, 5000))) throw new Broken(`no reaper after ${killed.join()}`);
}

/** Two starts at once with one PID file: one is refused, however the race goes. @param {Cycle} cycle */
async function startTwice(cycle) {
	const options = { pidFile: `${cycle.folder}/${cycle.caller}.pid` };
	const start = () => cycle.library.startDaemon(cycle.daemon('stays', options));
	const results = await Promise.allSettled([start(), start()]);
	const started = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
	const refused = results.flatMap(result => (result.status === 'rejected' ? [String(result.reason.name)] : []));
	for (const daemon of started) await daemon[Symbol.asyncDispose]();
	if (existsSync(options.pidFile)) throw new Broken('the PID file is there after the teardown');
	if (started.length !== 1 || refused[0] !== 'AlreadyRunningError')
		throw new Broken(`${started.length} of two starts with one PID file succeeded, ${refused.join()}`);
}

/** One PID file for all callers: only one of them may hold it. @param {Cycle} cycle */
async function shareWithCallers(cycle) {
	const options = { pidFile: `${cycle.folder}/shared.pid` };
	await cycle.library.withDaemon(cycle.daemon('stays', options), async daemon => {
		await cycle.pause(10);
		const holder = readFileSync(options.pidFile, 'utf8').trim();
		if (holder !== String(daemon.pid)) throw new Broken(`the PID file of ${daemon.pid} holds ${holder}`);
	});
}

/** @param {Cycle} cycle */
async function disposeTwice(cycle) {
	const daemon = await cycle.library.startDaemon(cycle.daemon('stays'));
	await Promise.all([daemon[Symbol.asyncDispose](), daemon[Symbol.asyncDispose]()]);
}

/** @param {Cycle} cycle */
async function disposeDuringStart(cycle) {
	const daemon = await cycle.library.startDaemon(cycle.daemon('stays'));
	await daemon.shutdown();
	const starting = daemon.startup();
	// The daemon may be ready sooner.
	const [, started] = await Promise.allSettled([cycle.pause(15).then(() => daemon[Symbol.asyncDispose]()), starting]);
	if (started.status === 'rejected') throw started.reason;
}

/** Is sent to the daemon's process as its text. @param {string} notes @param {number} cycle */
async function functionDaemon(notes, cycle) {
	const { appendFileSync, readFileSync: readAll } = await import('node:fs');
	const start = readAll('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ')[19];
	appendFileSync(notes, `${cycle} ${process.pid} ${start} function\n`);
	console.log('ready');
	setInterval(() => {}, 1000);
}

const briefly = { startupTimeout: 100 };
const impatiently = { shutdownTimeout: 50 };

/** @type {Readonly<Record<string, Fault>>} */
export const faults = {
	none: { weight: 16, expected: ['resolves'], run: using('stays') },
	'exits at once': { weight: 4, expected: ['StartupError'], run: using('exits') },
	'is killed at once': { weight: 4, expected: ['StartupError'], run: using('is-killed') },
	'command is missing': {
		weight: 2,
		expected: ['StartupError'],
		run: using('stays', { startupCommand: ['/nonexistent/daemon'] }),
	},
	'times out while it is launched': {
		weight: 4,
		expected: ['StartupTimeoutError'],
		run: cycle => using('never-ready', { startupTimeout: 1 + cycle.random.below(20) })(cycle),
	},
	'is never ready': { weight: 3, expected: ['StartupTimeoutError'], run: using('never-ready', briefly) },
	'stops itself before it is ready': {
		weight: 3,
		expected: ['StartupTimeoutError'],
		run: using('is-stopped', briefly),
	},
	'is ready, then dies': {
		weight: 4,
		expected: ['StartupError', 'DaemonExitedError'],
		run: using('dies', {}, forEver),
	},
	'dies in use': {
		weight: 4,
		expected: ['DaemonExitedError'],
		run: using('stays', {}, (cycle, daemon) => {
			sending('SIGKILL')(cycle, daemon);
			return forEver();
		}),
	},
	'ignores SIGINT': { weight: 3, expected: ['ShutdownTimeoutError'], run: using('ignores-sigint', impatiently) },
	'ignores SIGINT and SIGTERM': {
		weight: 0.5,
		expected: ['ShutdownTimeoutError'],
		run: using('ignores-sigterm-too', impatiently),
	},
	'is stopped in use': { weight: 4, expected: ['resolves'], run: using('stays', {}, sending('SIGSTOP')) },
	'is slow to stop': { weight: 4, expected: ['resolves'], run: using('slow-to-stop') },
	'has a child that goes with it': { weight: 4, expected: ['resolves'], run: using('forks') },
	'has a child that stays': { weight: 2, expected: ['LeakError'], run: using('leaves') },
	'has a child that ignores signals': { weight: 0.5, expected: ['LeakError'], run: using('leaves-stubborn') },
	'has a child in another session': { weight: 2, expected: ['LeakError'], run: using('escapes') },
	'the same without its environment': { weight: 2, expected: ['LeakError'], run: using('escapes-cleared') },
	'the same when it is asked to end': { weight: 3, expected: ['LeakError'], run: using('escapes-late') },
	'removes its PID file': { weight: 3, expected: ['resolves'], run: using('removes-pid-file') },
	'rewrites its PID file': { weight: 3, expected: ['resolves'], run: using('rewrites-pid-file') },
	'two with one PID file': { weight: 4, expected: ['resolves'], run: startTwice },
	'callers with one PID file': { weight: 6, expected: ['resolves', 'AlreadyRunningError'], run: shareWithCallers },
	'shutdown command fails': {
		weight: 1,
		expected: ['ShutdownCommandError'],
		run: using('stays', { shutdownCommand: ['false'] }),
	},
	'shutdown command is missing': {
		weight: 1,
		expected: ['ShutdownCommandError'],
		run: using('stays', { shutdownCommand: ['/nonexistent/stop'] }),
	},
	'fn throws': {
		weight: 4,
		expected: ['Thrown'],
		run: using('stays', {}, () => {
			throw new Thrown();
		}),
	},
	'torn down twice at once': { weight: 4, expected: ['resolves'], run: disposeTwice },
	'torn down during a start': { weight: 4, expected: ['resolves', 'StartupError'], run: disposeDuringStart },
	'is started again': { weight: 4, expected: ['resolves'], run: using('stays', {}, (_, daemon) => daemon.restart()) },
	'launcher is killed': { weight: 4, expected: ['resolves'], run: using('stays', {}, killLauncher) },
	'reaper is killed': { weight: 3, expected: ['resolves'], run: using('stays', {}, killReaper) },
	'is a function': {
		weight: 2,
		expected: ['resolves'],
		run: async cycle => {
			const startupCommand = { function: functionDaemon, args: [cycle.notes, cycle.number] };
			await cycle.library.withDaemon(cycle.daemon('', { startupCommand }), () => cycle.pause(10));
		},
	},
};
