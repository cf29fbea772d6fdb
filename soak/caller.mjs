/**
 * A caller of the soak. It runs one cycle after another and prints a line of JSON when a cycle begins and when it ends.
 * After each cycle it looks for leaks itself. Its argument is its plan.
 */
import { once } from 'node:events';
import { existsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { faults } from './faults.mjs';
import { makeRandom } from './random.mjs';
import { commandOf, findNoted, listFiles } from './traces.mjs';

const build = process.env['WITHDAEMON_TEST_BUILD'];
const daemon = fileURLToPath(new URL('daemon.sh', import.meta.url));
const [, , argument = ''] = process.argv;
/** @type {import('./soak.mjs').Plan} */
const plan = JSON.parse(argument);
const notes = join(plan.folder, `${plan.caller}.notes`);
const folder = String(process.env['TMPDIR']);

/** At once, from any thread. @param {import('./soak.mjs').Report} report */
const say = report => void writeSync(1, `${JSON.stringify(report)}\n`);

/** It ends at a random moment of the planned cycle, or soon after; until then it begins one cycle after another. */
async function runCycles() {
	/** @type {import('./faults.mjs').Library} */
	const library = await import(build ? `${build}/index.js` : 'withdaemon');
	const random = makeRandom(plan.seed);
	const isOrderly = plan.end === 'orderly';
	for (let number = 1; number <= plan.cycles || !isOrderly; number += 1) {
		const fault = plan.fault ?? random.pick(faults);
		say({ cycle: number, fault });
		if (number === plan.cycles) endSoon();
		await runCycle(library, number, fault, random);
	}
}

/**
 * @param {import('./faults.mjs').Library} library @param {number} number @param {string} fault @param
 * {import('./random.mjs').Random} random
 */
async function runCycle(library, number, fault, random) {
	const { expected = [], run } = faults[fault] ?? {};
	const startedAt = performance.now();
	/** @type {import('./faults.mjs').Cycle} */
	const cycle = {
		library,
		number,
		notes,
		folder,
		caller: plan.caller,
		daemon: (mode, options) => ({
			name: `${plan.caller}-${number}`,
			startupCommand: [daemon, mode, notes, String(number), '{pidFile}'],
			// The modes act at SIGINT.
			shutdownCommand: 'SIGINT',
			lookFor: 'ready',
			...options,
		}),
		random,
		pause: ms => pause(random.below(ms)),
	};
	/** @type {unknown} */
	let error;
	const outcome = await run?.(cycle).then(
		() => 'resolves',
		thrown => {
			error = thrown;
			return nameOf(thrown);
		},
	);
	const problems = expected.includes(outcome ?? '') ? [] : [`${outcome}, not ${expected.join()}: ${inspect(error)}`];
	problems.push(...findLeft(number));
	say({ cycle: number, fault, outcome: outcome ?? '', problems, ms: performance.now() - startedAt });
}

/** @param {unknown} thrown @returns {string} */
function nameOf(thrown) {
	if (thrown instanceof AggregateError) return thrown.errors.map(nameOf).join(' + ');
	return thrown instanceof Error ? thrown.name : String(thrown);
}

/** A cycle that has ended, however it did, has left nothing: that is what the library is for. @param {number} cycle */
function findLeft(cycle) {
	const noted = findNoted(notes).filter(note => note.cycle === cycle);
	const processes = noted.map(({ pid, mode }) => `process ${pid} (${mode}: ${commandOf(pid)})`);
	const isOwn = (/** @type {string} */ file) =>
		file.includes(`${plan.caller}-${cycle}.`) || (file.includes(`/${process.pid}.`) && file.endsWith('.jsonl'));
	return [...processes, ...listFiles(folder).filter(isOwn)].map(what => `left after its teardown: ${what}`);
}

function endSoon() {
	if (plan.end === 'process.exit') setTimeout(() => process.exit(1), plan.delayMs);
	if (plan.end === 'uncaught exception')
		setTimeout(() => {
			throw new RangeError('thrown on purpose');
		}, plan.delayMs);
	parentPort?.postMessage('now');
}

/** Its thread ends and must be cleaned up after, while the process lives until its stdin ends. */
async function runInWorker() {
	const worker = new Worker(new URL(import.meta.url), { argv: [argument] });
	await once(worker, 'message');
	await pause(plan.delayMs);
	await worker.terminate();
	say({ isTerminated: true });
	await once(process.stdin.resume(), 'end');
}

if (existsSync(notes)) throw new RangeError(`${notes} is another caller's`);
if (plan.end === 'worker terminated' && isMainThread) await runInWorker();
else await runCycles();
