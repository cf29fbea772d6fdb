/** The plots of the result: which tables are drawn, and under which names. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { draw } from './plot.mjs';

/**
 * @typedef {import('./table.mjs').Table} Table
 * @typedef {Omit<import('./plot.mjs').Plot, 'table'> & { file: string, of: string }} Drawn
 */

/** @type {readonly Drawn[]} */
export const drawn = [
	{
		...{ file: 'cycles', of: 'Added by one cycle, with its spread' },
		title: 'What a tool adds to the life of a daemon',
		subtitle: 'start, know that it is ready, stop, know that it is gone; less the time that the daemon takes itself',
		...{ unit: 'ms', legend: ['ready at once', 'after 50 ms', 'after 730 ms'] },
	},
	{
		...{ file: 'callers', of: 'Small and large callers' },
		title: 'One cycle in small and large callers',
		subtitle: 'a fork gets slower with the memory of the test process, posix_spawn does not',
		...{ unit: 'ms', legend: ['caller of 60 MB', '300 MB', '600 MB'] },
	},
	{
		...{ file: 'many', of: 'Many at once: both, for each daemon' },
		title: 'Many daemons at once',
		subtitle: 'start all, stop all: the time for each daemon',
		...{ unit: 'ms', legend: ['1 daemon', '10', '100', '500'] },
	},
	{
		...{ file: 'imports', of: 'Import in a fresh Node' },
		title: 'Import in a fresh Node process',
		subtitle: 'each test file of a runner pays it again',
		...{ unit: 'ms', legend: [''] },
	},
];

/**
 * @param {import('./bench.mjs').Results} results
 * @param {string} folder
 */
export function writePlots(results, folder) {
	mkdirSync(folder, { recursive: true });
	const tables = Object.values(results.phases).flat();
	for (const { file, of, ...plot } of drawn) {
		const table = tables.find(({ title }) => title === of);
		if (!table) continue;
		const sorted = table.rows.toSorted((one, other) => sizeOf(one) - sizeOf(other));
		const rows = sorted.map(row => ({ ...row, cells: row.cells.slice(0, plot.legend.length) }));
		for (const theme of /** @type {const} */ (['light', 'dark']))
			writeFileSync(join(folder, `${file}-${theme}.svg`), draw({ ...plot, table: { ...table, rows } }, theme));
	}
}

/** @param {import('./table.mjs').Row} row */
const sizeOf = ({ cells }) => cells.reduce((sum, spread) => sum + (spread?.median ?? 0), 0);
