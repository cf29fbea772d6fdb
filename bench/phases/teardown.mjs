/** The stop, and its search for what is left, beside many other processes. */
import { dirname } from 'node:path';
import { bareContender, withDaemon, withoutNative } from '../contenders/contenders.mjs';
import { gather } from '../crowd.mjs';
import { startHosts } from '../hosts.mjs';
import { inRounds } from '../rounds.mjs';
import { makeTable } from '../table.mjs';

/** @typedef {import('../table.mjs').Table} Table */

export const name = 'teardown';
export const title = 'the stop beside 200 and 2000 other processes';

const CROWDS = [
	{ text: 'alone', before: 0, after: 0 },
	{ text: '200 older', before: 200, after: 0 },
	{ text: '2000 older', before: 2000, after: 0 },
	{ text: '200 newer', before: 0, after: 200 },
	{ text: '2000 newer', before: 0, after: 2000 },
];

/**
 * @param {import('../bench.mjs').Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const { hosts } = await startHosts(bench, [bareContender, withDaemon, withoutNative]);
	const cells = hosts.flatMap(({ name: row, host }) =>
		CROWDS.map(({ text, before, after }) => ({
			row,
			column: text,
			measure: async () => {
				const disperse = before > 0 ? await gather(dirname(bench.native.crowd), before) : undefined;
				try {
					const { stop, gone } = await host.cycle({ crowd: after });
					return { stop: (gone - stop) / 1e6 };
				} finally {
					await disperse?.();
				}
			},
		})),
	);
	const measured = await inRounds(bench, cells, bench.rounds(12, 2));
	const about = 'From the request to end until the caller goes on. Bare `child_process` looks for nothing.';
	const columns = CROWDS.map(({ text }) => ({ title: text, figure: 'stop', of: text }));
	return [makeTable({ title: 'Stop beside other processes', about }, measured, columns)];
}
