/**
 * `npm run bench` measures the library against what else starts daemons, phase by phase, and writes `bench/RESULTS.md`.
 * `npm run bench -- --quick` does it with few rounds, and prints the result instead.
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Host } from './hosts.mjs';
import { closeLeaked, describeMachine, succeeds } from './machine.mjs';
import { compile, findCompiler, NO_COMPILER } from './native.mjs';
import { installPeers } from './peers.mjs';
import { phases } from './phases/phases.mjs';
import { writePlots } from './plots.mjs';
import { Quiet } from './quiet.mjs';
import { toMarkdown } from './report.mjs';

/**
 * @typedef {object} Bench what all phases need
 * @property {import('./native.mjs').Native} native
 * @property {string} compiler
 * @property {string} memory a folder in memory
 * @property {string} disk a folder on disk
 * @property {string} packageFolder the build of the library that is measured
 * @property {NodeJS.ProcessEnv} env of all processes that are measured
 * @property {boolean} isRealTime whether they have real-time priority
 * @property {Quiet} quiet
 * @property {number} leaked the number of descriptors that the shell had leaked
 * @property {boolean} isQuick
 * @property {string | undefined} givenRounds of each phase, if the user has said how many
 * @property {(full: number, quick: number) => number} rounds
 * @property {(name: string) => boolean} wants whether a contender is wanted
 *
 * @typedef {import('./table.mjs').Table} Table
 * @typedef {{ machine: Record<string, string>, foreignLoad: number, seconds: Record<string, number>, phases: Record<string, Table[]> }} Results
 */

const { values: flags } = parseArgs({
	options: {
		quick: { type: 'boolean', default: false },
		only: { type: 'string', multiple: true },
		rounds: { type: 'string' },
		contender: { type: 'string', multiple: true },
		package: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
		'memory-folder': { type: 'string', default: '/dev/shm' },
		chrt: { type: 'boolean', default: false },
		json: { type: 'string' },
		output: { type: 'string' },
		before: { type: 'string' },
		render: { type: 'string' },
	},
});
const root = dirname(fileURLToPath(import.meta.url));
const unknown = flags.only?.filter(name => !phases.some(phase => phase.name === name)) ?? [];
if (unknown.length > 0)
	refuse(`No phase ${unknown.join(', ')}. There are: ${phases.map(phase => phase.name).join(', ')}`);
if (!/^[1-9]\d*$/.test(flags.rounds ?? '1')) refuse(`\`--rounds\` has to be a number from 1 on, got ${flags.rounds}`);

const readResults = (/** @type {string} */ path) => /** @type {Results} */ (JSON.parse(readFileSync(path, 'utf8')));
const before = flags.before ? readResults(flags.before) : undefined;
// The results of a whole run would be lost if their folder were missing in the end.
if (flags.output) mkdirSync(flags.output, { recursive: true });
const results = flags.render ? readResults(flags.render) : await measureAll();
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(results)}\n`);
const isWhole = !flags.quick && !flags.only && !flags.contender;
const output = flags.output ?? (isWhole ? root : undefined);
if (output === undefined) process.stdout.write(toMarkdown(results, before));
else {
	writeFileSync(join(output, 'RESULTS.md'), toMarkdown(results, before));
	writePlots(results, join(output, 'plots'));
}

/** @returns {Promise<Results>} */
async function measureAll() {
	if (process.platform !== 'linux') refuse('The bench reads /proc and needs a subreaper: it runs on Linux only.');
	// Whatever the bench starts inherits it.
	if (flags.chrt && !succeeds('chrt', ['--all-tasks', '--rr', '--pid', '1', String(process.pid)]))
		refuse('`chrt -r 1` is not allowed here, or not there.');
	const compiler = findCompiler() ?? refuse(NO_COMPILER);
	if (!flags.contender) installPeers();
	const disk = realpathSync(mkdtempSync(join(tmpdir(), 'bench-')));
	const memory = makeMemoryFolder();
	// Also after Ctrl-C, as a large log may be there.
	process.once('exit', () => {
		for (const folder of [disk, memory]) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
	});
	for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
	const bench = prepare(compiler, disk, memory);
	/** @type {Results} */
	const measured = { machine: describeMachine(bench), foreignLoad: 0, seconds: {}, phases: {} };
	for (const phase of phases) {
		if (flags.only && !flags.only.includes(phase.name)) continue;
		const start = performance.now();
		process.stderr.write(`${phase.name}: ${phase.title} … `);
		measured.phases[phase.name] = await runPhase(phase, bench);
		const seconds = (performance.now() - start) / 1000;
		measured.seconds[phase.name] = seconds;
		process.stderr.write(`${seconds.toFixed(0)} s\n`);
	}
	return { ...measured, foreignLoad: bench.quiet.foreignLoad };
}

/**
 * A phase that fails says so in the result, and the others go on.
 * @param {import('./phases/phases.mjs').Phase} phase
 * @param {Bench} bench
 * @returns {Promise<Table[]>}
 */
async function runPhase(phase, bench) {
	try {
		return await phase.run(bench);
	} catch (error) {
		const note = error instanceof Error ? String(error.stack) : String(error);
		process.stderr.write(`${note}\n`);
		return [
			{
				title: phase.title,
				about: '',
				columns: [],
				rows: [{ name: 'failed', cells: [], note: note.split('\n', 1)[0] ?? '' }],
			},
		];
	} finally {
		await Host.endAll();
	}
}

/**
 * @param {string} compiler
 * @param {string} disk
 * @param {string} memory
 * @returns {Bench}
 */
function prepare(compiler, disk, memory) {
	const programs = join(disk, 'bin');
	mkdirSync(programs);
	// NODE_EXTRA_CA_CERTS costs each Node 35 ms; the registry of the library belongs into the folder of the bench.
	const dropped = /^(?:XDG_RUNTIME_DIR|NODE_EXTRA_CA_CERTS|NODE_OPTIONS|WITHDAEMON_.*|NOTIFY_SOCKET|LISTEN_.*)$/;
	return {
		native: compile(compiler, programs),
		compiler,
		memory,
		disk,
		packageFolder: resolve(flags.package),
		env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.test(name))),
		isRealTime: flags.chrt,
		quiet: new Quiet(!flags.chrt),
		leaked: closeLeaked(),
		isQuick: flags.quick,
		givenRounds: flags.rounds,
		rounds: (full, quick) => Number(flags.rounds ?? (flags.quick ? quick : full)),
		wants: name => flags.contender?.includes(name) ?? true,
	};
}

/** Where files are in memory. Where that cannot be, the temporary folder is the next best. */
function makeMemoryFolder() {
	try {
		return mkdtempSync(join(flags['memory-folder'], 'bench-'));
	} catch {
		return mkdtempSync(join(tmpdir(), 'bench-'));
	}
}

/**
 * @param {string} why
 * @returns {never}
 */
function refuse(why) {
	process.stderr.write(`${why}\n`);
	process.exit(2);
}
