/** The search for a line at the end of a log of 1 GiB, beside grep. */
import { execFile } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { now } from '../clock.mjs';
import { startHosts } from '../hosts.mjs';
import { findProgram } from '../machine.mjs';
import { inRounds } from '../rounds.mjs';
import { emptyRow, makeTable } from '../table.mjs';

/**
 * @typedef {import('../bench.mjs').Bench} Bench
 * @typedef {import('../table.mjs').Table} Table
 */

export const name = 'log';
export const title = 'a line at the end of a log of 1 GiB';

const CHUNK = 1024 * 1024;
const GIB = 1024 * CHUNK;

/**
 * @param {Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const size = bench.isQuick ? GIB / 4 : GIB;
	// Each search of ours has a daemon that has written its own copy.
	const { bavail, bsize } = statfsSync(bench.memory);
	const isInMemory = bavail * bsize > 4 * size;
	const path = join(isInMemory ? bench.memory : bench.disk, 'large.log');
	writeLog(path, size);
	const module = fileURLToPath(new URL('../contenders/log.mjs', import.meta.url));
	/** @type {(exported: string, what: string) => import('../contenders/contenders.mjs').Contender} */
	const ours = (exported, what) => ({
		...{ name: `withDaemon, ${what}`, by: 'line', file: module, exported },
		...{ env: { BENCH_LOG: path }, onDisk: !isInMemory },
	});
	const { hosts, missing } = await startHosts(bench, [ours('text', 'a string'), ours('expression', 'a RegExp')], {
		warmUps: 1,
	});
	const greps = [
		{ row: 'grep -F, a string', program: 'grep', args: ['-F', 'the server is ready'] },
		{ row: 'grep -E, an expression', program: 'grep', args: ['-E', 'the server is ready on port [0-9]+'] },
		{ row: 'ripgrep, an expression', program: 'rg', args: ['the server is ready on port [0-9]+'] },
	].filter(({ program }) => findProgram(program));
	const measured = await inRounds(
		bench,
		[
			...greps.map(({ row, program, args }) => ({ row, measure: () => grep(program, [...args, path], size) })),
			...hosts.map(({ name: row, host }) => ({
				row,
				measure: async () => {
					const { began, ready, rss } = await host.cycle();
					return { ...rateOf(size, (ready - began) / 1e6), rss };
				},
			})),
		],
		bench.rounds(7, 1),
	);
	rmSync(path);
	const columns = [
		{ title: 'time', figure: 'ms' },
		{ title: 'GB/s', figure: 'rate' },
		{ title: 'memory of the caller, MB', figure: 'rss' },
	];
	const about =
		`${size / CHUNK} MiB ${isInMemory ? 'in memory' : 'on disk'}, in lines of about 90 bytes, most of which begin like the one that is ` +
		'looked for. The time is that until the caller goes on, with `LC_ALL=C` for grep.';
	const table = makeTable({ title: 'The last line of a large log', about }, measured, columns);
	const absent = missing.map(({ name: row, why }) => emptyRow(row, why, columns.length));
	return [{ ...table, rows: [...table.rows, ...absent] }];
}

/** @param {number} bytes @param {number} ms */
const rateOf = (bytes, ms) => ({ ms, rate: bytes / ms / 1e6 });

/** @param {string} program @param {string[]} args @param {number} size */
async function grep(program, args, size) {
	const began = now();
	await promisify(execFile)(program, args, { env: { ...process.env, LC_ALL: 'C' } });
	return rateOf(size, (now() - began) / 1e6);
}

/** @param {string} path @param {number} size */
function writeLog(path, size) {
	const line = (/** @type {number} */ number) =>
		`2026-01-01T00:00:00.${String(number % 1000).padStart(3, '0')}Z info the server answers request ${number} GET /items/${number % 97} 200\n`;
	let text = '';
	for (let number = 0; text.length < CHUNK; number += 1) text += line(number);
	const chunk = Buffer.from(text.slice(0, text.lastIndexOf('\n', CHUNK - 1) + 1));
	const file = openSync(path, 'w');
	for (let written = 0; written < size; written += chunk.length) writeSync(file, chunk);
	writeSync(file, 'the server is ready on port 8080\n');
	closeSync(file);
}
