/**
 * `npm run soak:ports [-- --starts 10000 --kind listen --minutes 30]` starts daemons beside a thief that binds every
 * port that becomes free, and a client that connects at the moment of each launch. It counts refused requests and lost
 * ports. With `listen` both have to be 0. With `port: 'auto'` a lost port has to be replaced or reported, and nobody
 * may take the thief for the daemon. Anything else leads to exit code 1.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ask } from './ask.mjs';

const build = process.env['WITHDAEMON_TEST_BUILD'];
/** @type {typeof import('../src/index.ts')} */
const { LeakError, startDaemon } = await import(build ? `${build}/index.js` : 'withdaemon');
const { values } = parseArgs({
	options: {
		starts: { type: 'string', default: '1000' },
		kind: { type: 'string', multiple: true },
		minutes: { type: 'string', default: '1000' },
	},
});
const starts = Number(values.starts);
const endsAt = performance.now() + Number(values.minutes) * 60_000;
/** How late a daemon listens: often so early that it has a chance against the thief. */
const WAITS_MS = [0, 0, 0, 0, 4];

const folder = mkdtempSync(join(tmpdir(), 'soak-ports-'));
const pipe = join(folder, 'pipe');
execFileSync('mkfifo', [pipe]);
const thief = fork(fileURLToPath(new URL('thief.mjs', import.meta.url)), [pipe]);
const news = openSync(pipe, 'r+');
const program = fileURLToPath(new URL('answers.pl', import.meta.url));

/** @param {'wait' | 'end'} what @returns {Promise<import('./thief.mjs').Loot[]>} */
async function tellThief(what) {
	const reported = once(thief, 'message');
	writeSync(news, `${what}\n`);
	return (await reported)[0];
}

/** @param {'listen' | 'auto'} kind @param {string} word */
function start(kind, word) {
	const waitMs = WAITS_MS[Math.floor(Math.random() * WAITS_MS.length)];
	const port = kind === 'listen' ? '{listen}' : '{port}';
	const startupCommand = [program, port, word, pipe, String(waitMs)];
	const limit = { startupTimeout: 120_000 };
	return startDaemon({ startupCommand, ...limit, ...(kind === 'listen' ? { listen: 'auto' } : { port: 'auto' }) });
}

/** @type {Map<string, number>} */
const counts = new Map();
let problems = 0;
/** @param {string} what */
const count = (what, times = 1) => counts.set(what, (counts.get(what) ?? 0) + times);
/** @param {boolean} isRight @param {string} what */
function expect(isRight, what) {
	if (isRight) return;
	problems += 1;
	console.log(`unexpected: ${what}`);
}

/**
 * Two starts of one daemon: a client also comes while there is none, and waits for the second one.
 *
 * @param {string} word
 */
async function listen(word) {
	const daemon = await start('listen', word);
	const answers = [await ask(daemon.port)];
	// The request that a server handles when it is shut down is lost, as anywhere.
	await tellThief('wait');
	await daemon.shutdown();
	const early = ask(daemon.port);
	await daemon.startup();
	answers.push(await early, await ask(daemon.port));
	const loot = await tellThief('end');
	answers.push(...loot.map(({ early }) => (early === 'answered' ? word : early)));
	await daemon[Symbol.asyncDispose]();
	count('starts', 2);
	count('requests', answers.length);
	count('lost ports', loot.filter(({ isStolen }) => isStolen).length);
	for (const answer of answers) count(answer === word ? 'answered by the daemon' : answer);
	expect(
		loot.length === 2 && loot.every(({ isStolen }) => !isStolen),
		`${word}: the thief got ${JSON.stringify(loot)}`,
	);
	expect(
		answers.every(answer => answer === word),
		`${word}: the clients were told ${answers}`,
	);
}

/** The thief goes on until the teardown is over. @param {string} word */
async function auto(word) {
	count('starts');
	const daemon = await start('auto', word).catch(error => error);
	if (daemon instanceof Error) {
		const loot = await tellThief('end');
		count('lost their port twice, and failed with an error that says so');
		for (const { early } of loot) count(`client at the launch: ${early}`);
		expect(loot.length === 2 && loot.every(({ isStolen }) => isStolen), `${word}: ${daemon}\n${JSON.stringify(loot)}`);
		expect(/exited with code \d+, as port \d+ was taken meanwhile/.test(String(daemon)), `${word}: ${daemon}`);
		return;
	}
	const answer = await ask(daemon.port);
	expect(answer === word, `${word}: port ${daemon.port} answered ${answer}`);
	const error = await daemon[Symbol.asyncDispose]().catch((/** @type {unknown} */ thrown) => thrown);
	const loot = await tellThief('end');
	const [first, ...others] = loot;
	for (const { early } of loot) count(`client at the launch: ${early}`);
	count(others.length === 0 ? 'had their port at once' : 'lost their port, and were started on another one');
	expect(loot.at(-1)?.port === daemon.port && others.length < 2, `${word}: ${JSON.stringify(loot)}`);
	expect(others.length === 0 || first?.isStolen === true, `${word}: ${JSON.stringify(loot)}`);
	if (error === undefined) return;
	count('taken by the thief after their end, and reported');
	expect(error instanceof LeakError && loot.at(-1)?.isStolen === true, `${word}: ${error}`);
}

const kinds = { listen, auto };
for (const [kind, run] of Object.entries(kinds)) {
	if (values.kind && !values.kind.includes(kind)) continue;
	counts.clear();
	const startedAt = performance.now();
	for (let index = 0; (counts.get('starts') ?? 0) < starts && performance.now() < endsAt; index++) {
		await run(`${kind}-${index}`);
		if (index % 500 === 499) console.log(`${kind}: ${counts.get('starts')} starts`);
	}
	console.log(`${kind}: ${Math.round((performance.now() - startedAt) / 1000)} s`);
	for (const [what, times] of counts) console.log(`  ${what.padEnd(64)} ${String(times).padStart(6)}`);
}
console.log(`unexpected outcomes ${problems}`);
thief.disconnect();
rmSync(folder, { recursive: true });
process.exitCode = problems === 0 ? 0 : 1;
