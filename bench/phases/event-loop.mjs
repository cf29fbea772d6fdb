/** How long one cycle keeps the event loop of a large caller from doing anything else. */
import { bareContender, execaContender, withDaemon, withoutNative } from '../contenders/contenders.mjs';
import { startHosts } from '../hosts.mjs';
import { inRounds } from '../rounds.mjs';
import { makeTable } from '../table.mjs';

/** @typedef {import('../table.mjs').Table} Table */

export const name = 'event-loop';
export const title = 'the longest block of the event loop, in a caller of 600 MB';

/**
 * @param {import('../bench.mjs').Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const contenders = [bareContender, execaContender, withDaemon, withoutNative];
	const { hosts } = await startHosts(bench, contenders, { sizeMb: 600 });
	const cells = hosts.map(({ name: row, host }) => ({
		row,
		measure: async () => {
			const { block = Number.NaN } = await host.cycle({ isWatched: true });
			return { block: block / 1e6 };
		},
	}));
	const measured = await inRounds(bench, cells, bench.rounds(30, 3));
	const about = 'The longest turn of the event loop during a whole cycle, in a caller of 600 MB.';
	return [makeTable({ title: 'The event loop', about }, measured, [{ title: 'longest block', figure: 'block' }])];
}
