/**
 * `npm run soak [-- --cycles 2000 --callers 4 --seed 123]` runs thousands of cycles with faults drawn at random, in
 * callers that end in every possible way. It looks for leaks from outside: by the notes of the daemons, by environments
 * and by command lines. A leak or an unexpected outcome leads to exit code 1.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeRandom } from './random.mjs';
import { commandOf, findMarked, findNoted, findPerhapsMarked, findReapers, kill, listFiles, until } from './traces.mjs';

/**
 * @typedef {object} Plan of one caller
 * @property {string} caller its name
 * @property {string} folder of the whole run
 * @property {number} seed
 * @property {number} cycles the number of cycles, or the cycle in which an untimely end comes
 * @property {string} end
 * @property {number} delayMs from the beginning of that cycle to the end
 * @property {string} [fault] instead of those that are drawn
 *
 * @typedef {object} Report what a caller says: a cycle begins, or has an outcome
 * @property {number} [cycle]
 * @property {string} [fault]
 * @property {string} [outcome]
 * @property {readonly string[]} [problems]
 * @property {number} [ms]
 * @property {boolean} [isTerminated]
 */

/** How callers end, and how often. */
const ENDS = {
	orderly: { weight: 3 },
	SIGKILL: { weight: 8 },
	SIGTERM: { weight: 3 },
	'process.exit': { weight: 3 },
	'uncaught exception': { weight: 3 },
	'worker terminated': { weight: 3 },
	'SIGKILL with its reaper': { weight: 3 },
};
const MOST_CYCLES = 30;
/** A few cycles, so that the end comes before, during and after a start, in use and in a teardown. */
const LONGEST_DELAY_MS = 150;
/** After this time nothing may be left. The longest ladder takes 7 s. */
const PROOF_MS = 30_000;
/** A caller that prints nothing for this long hangs. */
const SILENCE_MS = 30_000;
/** How long a start waits for the clean-up after dead callers. */
const SWEEP_MS = 3000;

const { values } = parseArgs({
	options: {
		cycles: { type: 'string', default: '2000' },
		callers: { type: 'string', default: '4' },
		seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
	},
});
const [cycles, callers, seed] = [Number(values.cycles), Number(values.callers), Number(values.seed)];
console.log(`seed ${seed}, ${cycles} cycles, callers ${callers} at a time`);

const run = mkdtempSync(join(tmpdir(), 'soak-'));
const temporary = join(run, 'tmp');
mkdirSync(temporary);
/** @type {Map<string, number>} */
const faults = new Map();
/** @type {Map<string, number>} */
const ends = new Map();
/** @type {Set<string>} */
const leaks = new Set();
/** @type {string[]} */
const unexpected = [];
let callersPlanned = 0;
let cyclesPlanned = 0;
let cyclesBegun = 0;

/** @param {Map<string, number>} counts @param {string} name */
const count = (counts, name) => counts.set(name, (counts.get(name) ?? 0) + 1);

/** The same seed and number give the same plan, whichever caller ended before. @returns {Plan} */
function planCaller() {
	callersPlanned += 1;
	const random = makeRandom(Math.imul(seed, 0x9e3779b1) + callersPlanned);
	const plan = {
		caller: `c${callersPlanned}`,
		folder: run,
		seed: random.upTo(2 ** 32),
		// Two draws, so that many callers end in their first cycles, when there is the most to do.
		cycles: Math.min(random.upTo(random.upTo(MOST_CYCLES)), cycles - cyclesPlanned),
		end: random.pick(ENDS),
		delayMs: random.below(LONGEST_DELAY_MS),
	};
	cyclesPlanned += plan.cycles;
	return plan;
}

/** A caller, from its start until it is proven that nothing is left of it. */
class Caller {
	/** @param {Plan} plan */
	constructor(plan) {
		this.plan = plan;
		this.notes = join(run, `${plan.caller}.notes`);
		/** @type {Map<number, string>} */
		this.faults = new Map();
		/** In the cycle that has not ended. @type {string | undefined} */
		this.fault = undefined;
		const { XDG_RUNTIME_DIR: _, ...env } = process.env;
		this.child = spawn(
			process.execPath,
			[fileURLToPath(new URL('caller.mjs', import.meta.url)), JSON.stringify(plan)],
			{
				env: { ...env, TMPDIR: temporary, SOAK: `${basename(run)}/${plan.caller};` },
				stdio: 'pipe',
			},
		);
		this.exited = once(this.child, 'exit');
		this.errors = text(this.child.stderr);
		this.reports = createInterface({ input: this.child.stdout });
	}

	get pid() {
		return this.child.pid ?? 0;
	}

	/** Whether its reaper was killed too, by us or in its last cycle: then nothing cleans up before the next start. */
	get isWithoutReaper() {
		return this.plan.end === 'SIGKILL with its reaper' || this.fault === 'reaper is killed';
	}

	/** @param {(report: Report) => void} [onReport] */
	async live(onReport = () => {}) {
		let silence = this.#watch();
		const closed = once(this.reports, 'close');
		this.reports.on('line', line => {
			clearTimeout(silence);
			silence = this.#watch();
			/** @type {Report} */
			const report = JSON.parse(line);
			this.#note(report);
			onReport(report);
			if (report.isTerminated) void this.#proveThread();
		});
		await this.exited;
		if (!(await settlesWithin(closed, PROOF_MS))) leaks.add(`something holds the stdout of ${this.#describe()}`);
		// The last lines of a caller may arrive after its end.
		clearTimeout(silence);
		this.#noteEnd(await this.errors);
	}

	#watch() {
		return setTimeout(() => {
			unexpected.push(`${this.#describe()} hangs in cycle ${this.faults.size}: ${this.fault}`);
			this.child.kill('SIGKILL');
		}, SILENCE_MS);
	}

	/** @param {Report} report */
	#note({ cycle = 0, fault = '', outcome, problems = [], ms = 0 }) {
		const what = `cycle ${cycle} (${fault}, ${Math.round(ms)} ms) of ${this.#describe()}`;
		for (const problem of problems) unexpected.push(`${what}: ${problem}`);
		if (cycle === 0) return;
		this.fault = outcome === undefined ? fault : undefined;
		if (outcome !== undefined) return;
		this.faults.set(cycle, fault);
		count(faults, fault);
		cyclesBegun += 1;
		if (cycle === this.plan.cycles) void this.#endSoon();
	}

	/** Those ends that come from outside. */
	async #endSoon() {
		const { end, delayMs } = this.plan;
		if (!end.startsWith('SIG')) return;
		await pause(delayMs);
		// Kill the reaper first, so that it does not wake; the caller has no time to start another one.
		if (end === 'SIGKILL with its reaper') for (const { pid } of findReapers(this.pid)) kill(pid);
		this.child.kill(end === 'SIGTERM' ? end : 'SIGKILL');
	}

	/** The process still exists and waits for us. */
	async #proveThread() {
		if (!this.isWithoutReaper) await this.proveNothingLeft();
		this.child.stdin.end();
	}

	/** @param {string} errors */
	#noteEnd(errors) {
		const { end } = this.plan;
		const { exitCode, signalCode } = this.child;
		/** @type {Record<string, unknown>} */
		const expected = {
			SIGKILL: 'SIGKILL',
			SIGTERM: 'SIGTERM',
			'SIGKILL with its reaper': 'SIGKILL',
			'process.exit': 1,
			'uncaught exception': 1,
		};
		const said = end === 'uncaught exception' ? errors.replace(/^.*RangeError: thrown on purpose.*$/s, '') : errors;
		if ((signalCode ?? exitCode) !== (expected[end] ?? 0) || said !== '')
			unexpected.push(`${this.#describe()} ended with ${signalCode ?? exitCode}: ${said}`);
		count(ends, end);
	}

	async proveNothingLeft() {
		await until(() => this.#findNoted().length === 0 && this.#find(findPerhapsMarked).length === 0, PROOF_MS);
		this.noteLeaks();
	}

	noteLeaks(prefix = '') {
		for (const { pid, cycle, mode } of this.#findNoted())
			leaks.add(`${prefix}process ${pid} (${mode}: ${commandOf(pid)}), ${this.#describeCycle(cycle)}`);
		for (const { pid } of this.#find(findMarked))
			leaks.add(`${prefix}process ${pid} (${commandOf(pid)}), some cycle of ${this.#describe()}`);
	}

	#findNoted() {
		return findNoted(this.notes);
	}

	/** By its environment, or by its command line if it has none. @param {typeof findMarked} find */
	#find(find) {
		const marks = [`SOAK=${basename(run)}/${this.plan.caller};`, this.notes];
		return marks.flatMap(mark => find(mark)).filter(({ pid }) => pid !== this.pid);
	}

	/** @param {number} cycle */
	#describeCycle(cycle) {
		return `cycle ${cycle} (${this.faults.get(cycle)}) of ${this.#describe()}`;
	}

	#describe() {
		const { caller, end, cycles: last, delayMs } = this.plan;
		return `${caller} (pid ${this.pid}, ${end}, ${Math.round(delayMs)} ms after the begin of cycle ${last}, seed ${seed})`;
	}
}

/** @param {Promise<unknown>} work @param {number} ms */
async function settlesWithin(work, ms) {
	let isSettled = false;
	void work.then(() => {
		isSettled = true;
	});
	return await until(() => isSettled, ms);
}

/** @type {Caller[]} */
const all = [];

/** @param {Plan} plan @param {(report: Report) => void} [onReport] */
async function runCaller(plan, onReport) {
	const caller = new Caller(plan);
	all.push(caller);
	await caller.live(onReport);
	return caller;
}

/**
 * If a caller died with its reaper, its daemons stay until another caller starts, and no longer.
 * @param {Caller} dead
 */
async function sweepAfter(dead) {
	const plan = { ...dead.plan, caller: `${dead.plan.caller}-after`, cycles: 1, end: 'orderly', fault: 'none' };
	let startedAt = 0;
	const sweeper = await runCaller(plan, ({ outcome }) => {
		if (outcome === undefined) startedAt = performance.now();
		else if (performance.now() - startedAt < SWEEP_MS) dead.noteLeaks('there after the next start: ');
	});
	await Promise.all([sweeper.proveNothingLeft(), dead.proveNothingLeft()]);
}

async function runCallers() {
	while (cyclesPlanned < cycles) {
		const caller = await runCaller(planCaller());
		if (caller.isWithoutReaper) await sweepAfter(caller);
		else await caller.proveNothingLeft();
	}
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: callers }, runCallers));
// Look once more: a daemon that had not noted itself when its caller was checked has done so by now.
await until(() => findPerhapsMarked(basename(run)).length === 0 && listFiles(temporary).length === 0, PROOF_MS);
for (const { pid } of findMarked(basename(run))) leaks.add(`process ${pid} (${commandOf(pid)}) at the end`);
for (const caller of all) caller.noteLeaks();
const left = [...findMarked(basename(run)), ...all.flatMap(({ notes }) => findNoted(notes))];
for (const { pid } of left) kill(pid);
for (const file of listFiles(temporary)) leaks.add(`file ${file}`);

const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(`cycles ${cyclesBegun} in ${seconds} s, callers ${callers} at a time, ${all.length} in all`);
const byCount = [...faults].toSorted(([, a], [, b]) => b - a);
for (const [fault, times] of byCount) console.log(`  ${fault.padEnd(34)} ${String(times).padStart(6)}`);
console.log(`  callers ended by: ${[...ends].map(([end, times]) => `${end} ${times}`).join(', ')}`);
for (const leak of leaks) console.log(`leak: ${leak}, seed ${seed}`);
for (const what of unexpected) console.log(`unexpected: ${what}`);
console.log(`leaks ${leaks.size}, unexpected outcomes ${unexpected.length}`);
rmSync(run, { recursive: true });
process.exitCode = leaks.size + unexpected.length === 0 ? 0 : 1;
