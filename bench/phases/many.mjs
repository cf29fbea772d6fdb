/** Many daemons at once: all are started, and when the last one is ready, all are stopped. */
import { bareContender, execaContender, inC, withDaemon, withoutNative } from '../contenders/contenders.mjs';
import { startHosts } from '../hosts.mjs';
import { inRounds } from '../rounds.mjs';
import { makeTable } from '../table.mjs';

/** @typedef {import('../table.mjs').Table} Table */

export const name = 'many';
export const title = '1, 10, 100 and 500 daemons at once';

const NUMBERS = [1, 10, 100, 500];

/**
 * @param {import('../bench.mjs').Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const { hosts } = await startHosts(bench, [inC, bareContender, execaContender, withDaemon, withoutNative]);
	const cells = hosts.flatMap(({ name: row, host }) =>
		NUMBERS.map(daemons => ({
			row,
			column: String(daemons),
			measure: async () => {
				const { began, ready, stop, gone } = await host.cycle({ daemons });
				const [start, end] = [(ready - began) / 1e6, (gone - stop) / 1e6];
				return { start, end, each: (start + end) / daemons };
			},
		})),
	);
	const measured = await inRounds(bench, cells, bench.rounds(7, 1));
	const columns = (/** @type {string} */ figure) => NUMBERS.map(of => ({ title: String(of), figure, of: String(of) }));
	return [
		makeTable({ title: 'Many at once: until all are ready', about: '', isBrief: true }, measured, columns('start')),
		makeTable({ title: 'Many at once: until all are gone', about: '', isBrief: true }, measured, columns('end')),
		makeTable({ title: 'Many at once: both, for each daemon', about: '' }, measured, columns('each')),
	];
}
