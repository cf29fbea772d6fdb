/** Whole cycles of one daemon: start it, know that it is ready, stop it, know that it is gone. */
import { contenders } from '../contenders/contenders.mjs';
import { startHosts } from '../hosts.mjs';
import { inRounds } from '../rounds.mjs';
import { emptyRow, makeTable } from '../table.mjs';

/**
 * @typedef {import('../bench.mjs').Bench} Bench
 * @typedef {import('../table.mjs').Table} Table
 */

export const name = 'cycles';
export const title = 'one daemon, from its launch until it is gone';

const DELAYS = ['0', '50', '730'];

const about = `The daemon gets ready 0, 50 or 730 ms after its first statement.

- start: from the call to the first statement of the daemon
- ready lag: from the moment before it writes the line, listens or answers, until the caller goes on
- stop: from the request to end until the caller goes on
- stop lag: from the last statement of the daemon; if it is negative, the caller went on while the daemon was running
- added: the whole cycle less the delay: what the tool costs`;

/**
 * @param {Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const { hosts, missing } = await startHosts(bench, contenders);
	const cells = hosts.flatMap(({ name: row, host }) =>
		DELAYS.map(delay => ({ row, column: delay, measure: () => measure(host, Number(delay)) })),
	);
	const measured = await inRounds(bench, cells, bench.rounds(20, 1));
	const at = (/** @type {string} */ figure) => DELAYS.map(of => ({ title: `${figure} @ ${of}`, figure, of }));
	const whole = (/** @type {string} */ figure) => ({ title: figure, figure });
	const columns = [whole('start'), ...at('ready lag'), whole('stop'), whole('stop lag'), ...at('added')];
	const table = makeTable({ title: 'One cycle', about, isBrief: true }, measured, columns);
	const spread = makeTable({ title: 'Added by one cycle, with its spread', about: '' }, measured, at('added'));
	const absent = missing.map(({ name: row, why }) => emptyRow(row, why, columns.length));
	return [{ ...table, rows: [...table.rows.map(row => withNote(row, hosts)), ...absent] }, spread];
}

/**
 * @param {import('../hosts.mjs').Host} host
 * @param {number} delayMs
 */
async function measure(host, delayMs) {
	const { began, ready, stop, gone, stamps } = await host.cycle({ delayMs });
	const ms = (/** @type {number} */ from, /** @type {number} */ to) => (from === 0 ? Number.NaN : (to - from) / 1e6);
	return {
		start: ms(began, stamps.main),
		'ready lag': ms(stamps.ready, ready),
		stop: ms(stop, gone),
		'stop lag': ms(stamps.exit, gone),
		added: ms(began, gone) - delayMs,
	};
}

/**
 * @param {import('../table.mjs').Row} row
 * @param {readonly { name: string, note: string | undefined }[]} hosts
 */
function withNote(row, hosts) {
	const own = hosts.find(({ name: other }) => other === row.name)?.note ?? '';
	return { ...row, note: [own, row.note].filter(note => note !== '').join('; ') };
}
