/** The same cycle in callers of different sizes: what forks gets slower with the memory of the caller. */
import { bareContender, execaContender, withDaemon, withoutNative } from '../contenders/contenders.mjs';
import { startHosts } from '../hosts.mjs';
import { inRounds } from '../rounds.mjs';
import { makeTable } from '../table.mjs';

/** @typedef {import('../table.mjs').Table} Table */

export const name = 'callers';
export const title = 'callers of 60, 300 and 600 MB';

const SIZES_MB = [60, 300, 600];

/**
 * @param {import('../bench.mjs').Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const contenders = [bareContender, execaContender, withDaemon, withoutNative];
	const started = [];
	for (const sizeMb of SIZES_MB) started.push({ sizeMb, ...(await startHosts(bench, contenders, { sizeMb })) });
	const cells = started.flatMap(({ sizeMb, hosts }) =>
		hosts.map(({ name: row, host }) => ({
			row,
			column: String(sizeMb),
			measure: async () => {
				const { began, gone } = await host.cycle();
				return { cycle: (gone - began) / 1e6 };
			},
		})),
	);
	const measured = await inRounds(bench, cells, bench.rounds(30, 3));
	const columns = SIZES_MB.map(sizeMb => ({ title: `${sizeMb} MB`, figure: 'cycle', of: String(sizeMb) }));
	const about = 'A whole cycle of a daemon that is ready at once, by a caller that has written so much memory.';
	return [makeTable({ title: 'Small and large callers', about }, measured, columns)];
}
