/**
 * `npm run soak:kills [-- --kills 200 --seed 123]` kills `withdaemon start`, `stop` and `restart` at random moments,
 * and looks from outside at what is there then: a daemon that is fully noted, or nothing. Anything else leads to exit
 * code 1.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeRandom } from './random.mjs';
import { commandOf, findMarked, findPerhapsMarked, kill, listFiles, until } from './traces.mjs';

const { values } = parseArgs({
	options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: String(Date.now() % 1e9) } },
});
const kills = Number(values.kills);
const random = makeRandom(Number(values.seed));
const build = process.env['WITHDAEMON_TEST_BUILD'] ?? fileURLToPath(new URL('../dist', import.meta.url));
const cli = join(build, 'cli', 'main.js');
/** After this time nothing may be left of a command that was killed. */
const PROOF_MS = 60_000;

const checkout = mkdtempSync(join(tmpdir(), 'kills-'));
const temporary = join(checkout, 'tmp');
mkdirSync(temporary);
const startupCommand = 'echo ready; exec sleep 100000';
writeFileSync(
	join(checkout, 'withdaemon.config.json'),
	JSON.stringify({
		db: { startupCommand, lookFor: 'ready' },
		api: { startupCommand, lookFor: 'ready', dependsOn: 'db' },
	}),
);

/** @param {readonly string[]} words */
function begin(words) {
	const env = { ...process.env, TMPDIR: temporary, XDG_RUNTIME_DIR: '' };
	return spawn(process.execPath, [cli, ...words], { cwd: checkout, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** @param {readonly string[]} words */
async function run(words) {
	const child = begin(words);
	const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
	return { output, errors, code: Number(code) };
}

/** The daemons that run, by a look at all processes. */
const findDaemons = () => findMarked(`TMPDIR=${temporary}`).filter(({ pid }) => /^sleep 100000$/.test(commandOf(pid)));

/** Whatever is left of a command: itself, its reaper, a launcher of a daemon that is not noted yet. */
const findWorkers = () => {
	const all = findPerhapsMarked(`TMPDIR=${temporary}`).filter(({ pid }) => commandOf(pid) !== 'sleep 100000');
	// The command may have been killed between the release and the end of the launcher, which stays with its daemon.
	return all.filter(({ pid }) => !findDaemons().some(({ ppid }) => ppid === pid));
};

/** What is wrong now, when all is quiet. */
async function findProblems() {
	const isQuiet = await until(() => findWorkers().length === 0, PROOF_MS);
	if (!isQuiet) return findWorkers().map(({ pid }) => `still at work: ${pid} ${commandOf(pid)}`);
	/** @type {readonly { readonly pid: number; readonly state: string }[]} */
	const services = JSON.parse((await run(['status', '--json'])).output);
	const reports = services.filter(({ state }) => state !== 'stopped');
	const noted = reports.map(({ pid }) => pid).toSorted();
	const running = findDaemons()
		.map(({ pid }) => pid)
		.toSorted();
	const folders = listFiles(temporary).filter(path => /\.(?:jsonl|log|pid)$/.test(path));
	return [
		...(String(noted) === String(running) ? [] : [`noted are ${noted}, but there run ${running}`]),
		...reports.filter(({ state }) => state !== 'ready').map(one => JSON.stringify(one)),
		// Each has an entry, a log and a PID file.
		...(folders.length === 3 * noted.length ? [] : [`${noted.length} are noted, but there are ${folders.join(', ')}`]),
	];
}

/** @type {Record<string, { weight: number; prepare: readonly string[]; words: readonly string[] }>} */
const COMMANDS = {
	start: { weight: 2, prepare: ['stop'], words: ['start'] },
	stop: { weight: 2, prepare: ['start'], words: ['stop'] },
	restart: { weight: 2, prepare: ['start'], words: ['restart', 'api'] },
};

/** How long each command takes here, in ms. @type {Record<string, number>} */
const lengths = {};
for (const [name, { prepare, words }] of Object.entries(COMMANDS)) {
	await run(prepare);
	const startedAt = performance.now();
	await run(words);
	lengths[name] = performance.now() - startedAt;
}

console.log(`${kills} kills, seed ${values.seed}`);
/** @type {Record<string, number>} */
const outcomes = {};
let wrong = 0;
for (let index = 0; index < kills; index += 1) {
	const name = random.pick(COMMANDS);
	const { prepare, words } = COMMANDS[name] ?? { prepare: [], words: [] };
	await run(prepare);
	const ms = random.below(1.2 * (lengths[name] ?? 0));
	const child = begin(words);
	const ended = once(child, 'exit');
	await until(() => child.exitCode !== null, ms);
	const wasOver = child.exitCode !== null;
	// The machine may be less busy by now.
	if (wasOver) lengths[name] = 0.9 * (lengths[name] ?? 0);
	else lengths[name] = 1.05 * (lengths[name] ?? 0);
	child.kill('SIGKILL');
	await ended;
	const problems = await findProblems();
	for (const problem of problems) console.log(`${name}, killed after ${Math.round(ms)} ms: ${problem}`);
	wrong += problems.length;
	const left = findDaemons().length;
	const outcome = `${name}: ${wasOver ? 'was over' : 'was killed'}, ${left} of 2 run`;
	outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}
await run(['stop']);
const findLeft = () => [...findDaemons().map(({ pid }) => `process ${pid}`), ...listFiles(temporary)];
// The reaper of a command outlives it by a moment, in which it removes the registry.
await until(() => findLeft().length === 0, PROOF_MS);
const after = findLeft();
for (const { pid } of findDaemons()) kill(pid);
rmSync(checkout, { recursive: true, force: true });
for (const [outcome, count] of Object.entries(outcomes).toSorted())
	console.log(`${String(count).padStart(4)}  ${outcome}`);
console.log(`left after a stop: ${after.length === 0 ? 'nothing' : after.join(', ')}`);
console.log(`neither noted nor ended: ${wrong}`);
process.exitCode = wrong + after.length > 0 ? 1 : 0;
