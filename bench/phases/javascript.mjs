/** Daemons in JavaScript: what a function, a module and a hook cost more than bare Node. */
import { fileURLToPath } from 'node:url';
import { startHosts } from '../hosts.mjs';
import { inRounds } from '../rounds.mjs';
import { makeTable } from '../table.mjs';

/** @typedef {import('../table.mjs').Table} Table */

export const name = 'javascript';
export const title = 'daemons in JavaScript';

const FILE = fileURLToPath(new URL('../contenders/javascript.mjs', import.meta.url));
const KINDS = [
	...['bare node -e', 'bare node file.mjs', 'node -e as a command'],
	...['a function', 'a module', 'a command behind a hook'],
];

/**
 * @param {import('../bench.mjs').Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const contenders = KINDS.map(exported => ({
		name: exported,
		by: /** @type {const} */ ('line'),
		file: FILE,
		exported,
	}));
	const { hosts } = await startHosts(bench, contenders, { warmUps: 1 });
	const cells = hosts.map(({ name: row, host }) => ({
		row,
		measure: async () => {
			const { began, ready } = await host.cycle();
			return { ms: (ready - began) / 1e6 };
		},
	}));
	const measured = await inRounds(bench, cells, bench.rounds(15, 2));
	const about = 'From the call until the first line is read.';
	return [makeTable({ title: 'Daemons in JavaScript', about }, measured, [{ title: 'ready', figure: 'ms' }])];
}
