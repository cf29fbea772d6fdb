/**
 * `npm run test:vitest-matrix [versions]`: what this library does in each vitest that it supports, in each pool. The
 * versions are installed into a temporary folder, as vitest 5 needs a newer Node than the rest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['3.2', '4.0', '4.1', '5.1'];
const pools = ['forks', 'threads', 'vmThreads'];
/** @type {readonly NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const reporters = ['default', 'verbose', 'dot', 'junit', 'json', 'github-actions', 'agent'];
const temporary = mkdtempSync(join(tmpdir(), 'vitest-matrix-'));

/** @typedef {{ readonly folder: string, readonly node: string }} Installed */

/**
 * @param {string} version
 * @param {string} tarball
 * @returns {Installed}
 */
function install(version, tarball) {
	const folder = join(temporary, version);
	mkdirSync(folder);
	writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
	run('npm', ['install', '--no-audit', '--no-fund', `vitest@~${version}`, tarball], folder);
	// The suites of the tests, and the daemons that they need.
	cpSync(join(root, 'fixtures'), folder, { recursive: true });
	const isOld = Number.parseInt(version, 10) < 5 || Number.parseInt(process.versions.node, 10) >= 22;
	const binary = `node-${process.platform}-${process.arch}@22`;
	const find = ['exec', '--yes', `--package=${binary}`, '--', 'node', '-p', 'process.execPath'];
	return { folder, node: isOld ? process.execPath : run('npm', find, folder).trim() };
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {Readonly<Record<string, string>>} env
 */
function run(command, args, cwd, env = {}) {
	const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|CI$|GITHUB_|AI_AGENT)/.test(name));
	const all = { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env };
	const { stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env: all });
	return stdout + stderr;
}

/**
 * @param {Installed} installed
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {Readonly<Record<string, string>>} env
 */
function vitest({ node, folder }, args, cwd, env = {}) {
	return run(node, [join(folder, 'node_modules/vitest/vitest.mjs'), 'run', ...args], cwd, env);
}

/**
 * How each test of a suite ended, without what differs from run to run.
 *
 * @param {Installed} installed
 * @param {string} suite
 * @param {string} pool
 */
function outcomeOf(installed, suite, pool) {
	const cwd = join(installed.folder, 'vitest');
	const config = `
		import { OutcomeReporter } from './outcome-reporter.ts';
		export default { test: { include: ['${suite}.suite.ts'], reporters: [new OutcomeReporter()], hookTimeout: 60000, testTimeout: 60000 } };`;
	writeFileSync(join(cwd, 'vitest.config.ts'), config);
	const OUTCOME = join(cwd, 'outcome.json');
	rmSync(OUTCOME, { force: true });
	const output = vitest(installed, ['--pool', pool], cwd, { OUTCOME, PIDS: join(cwd, 'pids') });
	if (!existsSync(OUTCOME)) return { [suite]: output };
	const { artifacts: _, ...outcome } = JSON.parse(readFileSync(OUTCOME, 'utf8'));
	const steady = (/** @type {string} */ text) =>
		text
			.replace(/\d+( ms| {3})/g, 'N$1')
			.replace(/(port|child) \d+/g, '$1 N')
			.replace(/TestTimeoutError/g, 'Error');
	return Object.fromEntries(Object.entries(outcome).map(([name, end]) => [name, [end].flat().map(steady)]));
}

const daemon = `
	let count = 0;
	process.on('SIGUSR2', () => console.log('signal ' + ++count));
	require('node:fs').appendFileSync('pids', process.pid + '\\\\n');
	console.log('ready');
	setInterval(() => {}, 1e6);`.replace(/\n\s*/g, '');
const setup = `
	import { daemonSetup } from 'withdaemon/vitest/setup';
	export default daemonSetup({ api: { startupCommand: ['node', '-e', "${daemon}"], lookFor: 'ready', exports: { API: '{dir}' } } });`;
const talk =
	"async function talk(pid) { process.kill(pid, 'SIGUSR2'); await new Promise(done => setTimeout(done, 300)); }";
const failing = `
	import { expect, inject, test } from 'vitest';
	${talk}
	test('knows', () => expect(process.env.API).toBe(inject('daemons').api.exports.API));
	test('fails', async () => { await talk(inject('daemons').api.pid); throw new Error('of the test'); });`;
const hanging = `
	import { appendFileSync } from 'node:fs';
	import { test } from 'vitest';
	test('hangs', { timeout: 60000 }, () => { appendFileSync('begun', 'x'); return new Promise(() => {}); });`;
const dying = `
	import { inject, test } from 'vitest';
	test('dies', async () => { process.kill(inject('daemons').api.pid, 'SIGKILL'); await new Promise(() => {}); });`;
const leaky = `
	import { test } from 'vitest';
	import { useDaemon, withDaemon } from 'withdaemon/vitest';
	const sh = { startupCommand: ['sh', '-c', 'echo ready; exec sleep 1000'], lookFor: 'ready' };
	useDaemon(sh);
	test('uses', () => withDaemon(sh, () => {}));`;

/**
 * @param {Installed} installed
 * @param {string} name
 * @param {string} suite
 */
function projectIn({ folder }, name, suite) {
	const cwd = join(folder, name);
	rmSync(cwd, { recursive: true, force: true });
	mkdirSync(cwd);
	writeFileSync(join(cwd, 'vitest.config.ts'), "export default { test: { globalSetup: ['setup.ts'] } };");
	writeFileSync(join(cwd, 'setup.ts'), setup);
	writeFileSync(join(cwd, 'a.test.ts'), suite);
	return cwd;
}

const isAlive = (/** @type {number} */ pid) => {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
};
const until = async (/** @type {() => boolean} */ condition) => {
	for (let tries = 0; tries < 300 && !condition(); tries++) await new Promise(done => setTimeout(done, 100));
	return condition();
};

/**
 * Whether the daemon is gone after vitest was ended by a signal.
 *
 * @param {Installed} installed
 * @param {NodeJS.Signals} signal
 * @param {string} pool
 */
async function endsWith(installed, signal, pool) {
	const cwd = projectIn(installed, `signal-${signal}`, hanging);
	const args = [join(installed.folder, 'node_modules/vitest/vitest.mjs'), 'run', '--pool', pool];
	const child = spawn(installed.node, args, { cwd, stdio: 'ignore' });
	await until(() => existsSync(join(cwd, 'begun')));
	child.kill(signal);
	const pid = Number(readFileSync(join(cwd, 'pids'), 'utf8'));
	return await until(() => !isAlive(pid));
}

/**
 * What was not as in the first pool of the first version.
 *
 * @param {Readonly<Record<string, unknown>>} wanted
 * @param {Readonly<Record<string, unknown>>} outcome
 */
function differing(wanted, outcome) {
	return Object.keys({ ...wanted, ...outcome })
		.map(name => [name, JSON.stringify(wanted[name]), JSON.stringify(outcome[name])])
		.filter(([, before, now]) => before !== now)
		.map(lines => `  ${lines.join('\n    ')}`);
}

/** @type {Readonly<Record<string, unknown>> | undefined} */
let reference;
let faults = 0;
const show = (/** @type {boolean} */ isRight, /** @type {string} */ text) => {
	if (!isRight) faults++;
	return `${text} ${isRight ? 'ok' : 'FAULT'}`;
};

run('npm', ['run', 'build'], root);
const tarball = join(
	temporary,
	run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', temporary], root).trim(),
);
for (const version of versions) {
	const installed = install(version, tarball);
	for (const pool of pools) {
		const outcome = { ...outcomeOf(installed, 'death', pool), ...outcomeOf(installed, 'log', pool) };
		reference ??= outcome;
		const other = differing(reference, outcome);
		for (const line of other) console.log(line);
		const told = vitest(installed, ['--pool', pool], projectIn(installed, 'setup', failing));
		const died = vitest(installed, ['--pool', pool], projectIn(installed, 'dying', dying));
		const ended = [];
		for (const signal of signals) ended.push(show(await endsWith(installed, signal, pool), signal));
		const isOfSetup =
			/1 failed \| 1 passed/.test(told) && /of the test[\s\S]*api logged during this test:\s+\| signal 1/.test(told);
		const cells = [
			show(other.length === 0, 'deaths and logs'),
			show(isOfSetup, 'daemonSetup'),
			show(/DaemonExitedError: api was killed by SIGKILL/.test(died), 'its death'),
			...ended,
		];
		console.log(`vitest ${version} ${pool.padEnd(9)} ${cells.join(', ')}`);
	}
	const major = Number.parseFloat(version);
	const shown = reporters
		.filter(reporter => reporter !== 'agent' || major >= 4.1)
		.map(reporter => {
			const env = reporter === 'github-actions' ? { GITHUB_ACTIONS: 'true' } : {};
			const cwd = projectIn(installed, 'reporter', failing);
			const file = join(cwd, 'output');
			// vitest 5 writes these into a file anyway.
			const args = ['json', 'junit'].includes(reporter) ? ['--outputFile', file] : [];
			const output = vitest(installed, ['--reporter', reporter, ...args], cwd, env);
			const told = existsSync(file) ? readFileSync(file, 'utf8') : output;
			return show(told.includes('| signal 1'), reporter);
		});
	console.log(`vitest ${version} reporters ${shown.join(', ')}`);
	if (major < 4.1) continue;
	const leaks = vitest(installed, ['--detect-async-leaks'], projectIn(installed, 'leaks', leaky));
	console.log(`vitest ${version} ${show(/1 passed/.test(leaks) && !/leaking in/.test(leaks), 'no async leaks')}`);
}
rmSync(temporary, { recursive: true });
console.log(faults === 0 ? 'no faults' : `${faults} faults`);
process.exitCode = Math.min(faults, 1);
