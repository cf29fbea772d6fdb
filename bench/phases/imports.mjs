/** What it costs to load each entry, in a fresh Node process, and to make the first cycle there. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { bareContender, execaContender, withDaemon, withoutNative } from '../contenders/contenders.mjs';
import { missing, resolvePeer } from '../contenders/peer.mjs';
import { NO_STAMPS } from '../hosts.mjs';
import { inRounds } from '../rounds.mjs';
import { makeTable } from '../table.mjs';

/**
 * @typedef {import('../bench.mjs').Bench} Bench
 * @typedef {import('../table.mjs').Table} Table
 */

export const name = 'imports';
export const title = 'imports, and the first cycle, in a fresh Node';

const require = createRequire(import.meta.url);
const FRESH = fileURLToPath(new URL('../fresh.mjs', import.meta.url));
const PEERS = ['execa', 'wait-on', 'jest-dev-server', 'start-server-and-test', 'playwright/lib/runner'];

/**
 * @param {Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const empty = join(bench.memory, 'empty.mjs');
	writeFileSync(empty, '');
	const entry = (/** @type {string} */ path) => pathToFileURL(join(bench.packageFolder, 'dist', path)).href;
	const peers = PEERS.filter(peer => missing(peer.split('/', 1)[0] ?? '') === undefined);
	const modules = new Map([
		['an empty module', pathToFileURL(empty).href],
		['node:child_process', 'node:child_process'],
		['vitest itself', new URL('dist/index.js', pathToFileURL(require.resolve('vitest/package.json'))).href],
		['withdaemon', entry('index.js')],
		['withdaemon/vitest', entry('vitest/index.js')],
		['withdaemon/vitest/matchers', entry('vitest/matchers.js')],
		['withdaemon/node-test', entry('node-test/index.js')],
		...peers.map(peer => /** @type {const} */ ([peer, pathToFileURL(resolvePeer(peer)).href])),
	]);
	const imports = [...modules].map(([row, url]) => ({ row, measure: () => fresh(bench, ['import', url]) }));
	const measured = await inRounds(bench, imports, bench.rounds(15, 2));

	const contenders = [bareContender, execaContender, withDaemon, withoutNative];
	const there = contenders.filter(contender => contender.missing?.() === undefined);
	const cycles = there.map(contender => ({ row: contender.name, measure: () => firstCycle(bench, contender) }));
	const first = await inRounds(bench, cycles, bench.rounds(15, 2));
	const columns = [
		{ title: 'time', figure: 'ms' },
		{ title: 'memory of the process, MB', figure: 'rss' },
	];
	const aboutFirst = 'From the first statement of a fresh Node process: import, start, stop.';
	return [
		makeTable({ title: 'Import in a fresh Node', about: '' }, measured, columns),
		makeTable({ title: 'Import and first cycle', about: aboutFirst }, first, columns),
	];
}

let processes = 0;

/**
 * @param {Bench} bench
 * @param {import('../contenders/contenders.mjs').Contender} contender
 */
async function firstCycle(bench, { file = '', exported = '', env = {} }) {
	const stamps = join(bench.memory, 'first-stamps');
	writeFileSync(stamps, NO_STAMPS);
	const args = ['cycle', pathToFileURL(file).href, exported, bench.packageFolder, bench.native.fixture, stamps];
	return await fresh(bench, args, env);
}

/**
 * @param {Bench} bench
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Promise<{ ms: number, rss: number }>}
 */
async function fresh(bench, args, env = {}) {
	const folder = join(bench.memory, `fresh-${++processes}`);
	mkdirSync(folder);
	const options = { cwd: folder, env: { ...bench.env, TMPDIR: folder, ...env } };
	const { stdout } = await promisify(execFile)(bench.native.subreaper, [process.execPath, FRESH, ...args], options);
	return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
