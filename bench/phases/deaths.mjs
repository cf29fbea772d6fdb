/** What happens when the caller is killed, and when the daemon dies under a test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { now } from '../clock.mjs';
import { withDaemon, withoutNative } from '../contenders/contenders.mjs';
import { NO_STAMPS, startHosts, untilEnded } from '../hosts.mjs';
import { inRounds } from '../rounds.mjs';
import { makeTable } from '../table.mjs';

/**
 * @typedef {import('../bench.mjs').Bench} Bench
 * @typedef {import('../table.mjs').Table} Table
 */

export const name = 'deaths';
export const title = 'the death of a caller, and of a daemon';

const CALLER = fileURLToPath(new URL('../caller.mjs', import.meta.url));
const DYING = fileURLToPath(new URL('../contenders/dying.mjs', import.meta.url));
const HANGING_MS = 60_000;

/**
 * @param {Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const products = [withDaemon, withoutNative].filter(({ name: row }) => bench.wants(row));
	const kills = products.map(({ name: row, env = {} }) => ({ row, measure: () => killCaller(bench, env) }));
	const killed = await inRounds(
		bench,
		[{ row: 'bare node -e 0', measure: () => startNode(bench) }, ...kills],
		bench.rounds(15, 2),
	);

	const { hosts } = await startHosts(
		bench,
		products.map(product => ({ ...product, file: DYING })),
	);
	const deaths = hosts.map(({ name: row, host }) => ({
		row,
		measure: async () => {
			const { gone, stamps } = await host.cycle();
			return { failed: (gone - stamps.exit) / 1e6 };
		},
	}));
	const died = await inRounds(bench, deaths, bench.rounds(20, 3));
	const about =
		'From the SIGKILL of a caller until its daemon was asked to end, and until daemon, folders and registry are gone. With any ' +
		'other tool here the daemon stays. Bare Node is there to compare with: it does the rest after the first signal.';
	const columns = [
		{ title: 'first signal', figure: 'signal' },
		{ title: 'nothing left', figure: 'clean' },
	];
	const aboutDaemon =
		'From the last statement of a daemon until `withDaemon` has rejected, with everything cleaned up.';
	return [
		makeTable({ title: 'The caller is killed', about }, killed, columns),
		makeTable({ title: 'The daemon dies under a test', about: aboutDaemon }, died, [
			{ title: 'the test has failed', figure: 'failed' },
		]),
	];
}

let callers = 0;

/** @param {Bench} bench */
function newFolder(bench) {
	const folder = join(bench.memory, `caller-${++callers}`);
	mkdirSync(folder);
	return folder;
}

/**
 * @param {Bench} bench
 * @param {Record<string, string>} env
 */
async function killCaller(bench, env) {
	const folder = newFolder(bench);
	const stamps = `${folder}.stamps`;
	writeFileSync(stamps, NO_STAMPS);
	const args = [CALLER, bench.packageFolder, bench.native.fixture, stamps];
	const options = { cwd: bench.memory, env: { ...bench.env, TMPDIR: folder, ...env } };
	const caller = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
	// At its end, too: a caller that could not start its daemon says nothing.
	const [said] = await Promise.race([once(caller.stdout, 'data'), once(caller, 'exit').then(() => [undefined])]);
	if (said === undefined) throw new Error('the caller ended before its daemon was ready');
	const killed = now();
	caller.kill('SIGKILL');
	while (readdirSync(folder).length > 0) {
		if (now() - killed > HANGING_MS * 1e6) throw new Error(`something was left for ${HANGING_MS} ms`);
		await pause(1);
	}
	const clean = now();
	const { signal } = await untilEnded(stamps);
	return { signal: (signal - killed) / 1e6, clean: (clean - killed) / 1e6 };
}

/** @param {Bench} bench */
async function startNode(bench) {
	const began = now();
	await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore', env: bench.env }), 'exit');
	return { clean: (now() - began) / 1e6 };
}
