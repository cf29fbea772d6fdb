/** The numbers that the project wants to reach, and what was measured of them. */

/**
 * @typedef {import('./bench.mjs').Results} Results
 * @typedef {(table: string, row: string, column: string) => number} Look the median of a cell, or NaN
 *
 * @typedef {object} Goal
 * @property {string} what
 * @property {string} unit
 * @property {number} [most]
 * @property {number} [least]
 * @property {(look: Look) => number} measured
 */

const OURS = 'withDaemon';
const BARE = 'bare child_process';
const DELAYS = ['0', '50', '730'];
const NUMBERS = ['10', '100', '500'];
const EACH = 'Many at once: both, for each daemon';
const LOG = 'The last line of a large log';

/** @type {(table: string, column: string) => (look: Look) => number} */
const ratio = (table, column) => look => look(table, OURS, column) / look(table, BARE, column);
/** @type {(column: string) => (look: Look) => number} */
const more = column => look => look('One cycle', OURS, column) - look('One cycle', BARE, column);
/** @type {(numbers: readonly number[]) => number} */
const worst = numbers => Math.max(...numbers);

/** @type {readonly Goal[]} */
export const goals = [
	{
		what: 'the daemon’s ready line → the caller goes on: more than a pipe that is read directly, at the worst delay',
		...{ unit: 'ms', most: 1, measured: look => worst(DELAYS.map(delay => more(`ready lag @ ${delay}`)(look))) },
	},
	{
		what: 'the daemon’s exit → its stop has resolved: more than the `exit` event of `child_process`',
		...{ unit: 'ms', most: 1, measured: more('stop lag') },
	},
	{
		what: 'a whole cycle, caller of 60 MB, to bare `child_process`',
		...{ unit: '×', most: 1.5, measured: ratio('Small and large callers', '60 MB') },
	},
	{
		what: 'the same, caller of 300 MB',
		...{ unit: '×', most: 0.5, measured: ratio('Small and large callers', '300 MB') },
	},
	{
		what: 'the same, caller of 600 MB',
		...{ unit: '×', most: 0.5, measured: ratio('Small and large callers', '600 MB') },
	},
	{
		what: 'the event loop is blocked by one launch, caller of 600 MB',
		...{ unit: 'ms', most: 1, measured: look => look('The event loop', OURS, 'longest block') },
	},
	{
		what: 'the processor while a silent daemon is waited for, 5 s',
		...{ unit: 'ms', most: 5, measured: look => look('Waiting for 5 s', OURS, 'processor') },
	},
	{
		what: '500 daemons at once: the time for each, to that with 10',
		...{ unit: '×', most: 1 },
		measured: look => look(EACH, OURS, '500') / look(EACH, OURS, '10'),
	},
	{
		what: '10, 100 and 500 at once: the time for each, to bare `child_process`, at the worst number',
		...{ unit: '×', most: 1.3, measured: look => worst(NUMBERS.map(number => ratio(EACH, number)(look))) },
	},
	{
		what: 'a string in the last line of a large log, to `grep -F`',
		...{ unit: '×', most: 2 },
		measured: look => look(LOG, 'withDaemon, a string', 'time') / look(LOG, 'grep -F, a string', 'time'),
	},
	{
		what: 'a RegExp there',
		...{ unit: 'GB/s', least: 1, measured: look => look(LOG, 'withDaemon, a RegExp', 'GB/s') },
	},
	{
		what: 'the import of `withdaemon`, over an empty module',
		...{ unit: 'ms', most: 15 },
		measured: look =>
			look('Import in a fresh Node', 'withdaemon', 'time') - look('Import in a fresh Node', 'an empty module', 'time'),
	},
	{
		what: 'the import and the first cycle',
		...{ unit: 'ms', most: 40, measured: look => look('Import and first cycle', OURS, 'time') },
	},
	{
		what: 'the caller’s SIGKILL → the daemon’s first signal',
		...{ unit: 'ms', most: 5, measured: look => look('The caller is killed', OURS, 'first signal') },
	},
	{
		what: 'the caller’s SIGKILL → nothing left',
		...{ unit: 'ms', most: 60, measured: look => look('The caller is killed', OURS, 'nothing left') },
	},
	{
		what: 'the death of a daemon → the running test has failed',
		...{ unit: 'ms', most: 10, measured: look => look('The daemon dies under a test', OURS, 'the test has failed') },
	},
];

/**
 * @param {Results} results
 * @returns {Look}
 */
export const lookInto = results => (title, row, column) => {
	const table = Object.values(results.phases)
		.flat()
		.find(candidate => candidate.title === title);
	const index = table?.columns.indexOf(column) ?? -1;
	return table?.rows.find(({ name }) => name === row)?.cells[index]?.median ?? Number.NaN;
};
