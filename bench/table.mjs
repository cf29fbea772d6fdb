/** Makes a table of what was measured: a row for each contender, and in each cell the median and the spread. */
import { medianOf } from './statistics.mjs';

/**
 * @typedef {object} Spread
 * @property {number} median
 * @property {number} min
 * @property {number} max
 * @property {number} count
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {(Spread | null)[]} cells
 * @property {string} note what a reader has to know of it
 *
 * @typedef {object} Table
 * @property {string} title
 * @property {string} about
 * @property {readonly string[]} columns
 * @property {Row[]} rows
 * @property {boolean} [isBrief] whether the medians are enough
 *
 * @typedef {object} Column
 * @property {string} title
 * @property {string} figure of the samples
 * @property {string} [of] the column of the cells; without it, all of a row are taken together
 *
 * @typedef {import('./rounds.mjs').Measured} Measured
 */

/**
 * @param {Pick<Table, 'title' | 'about' | 'isBrief'>} heading
 * @param {readonly Measured[]} measured
 * @param {readonly Column[]} columns
 * @returns {Table}
 */
export function makeTable(heading, measured, columns) {
	const names = [...new Set(measured.map(cell => cell.row))];
	const rows = names.map(name => {
		const own = measured.filter(cell => cell.row === name);
		const cells = columns.map(({ figure, of }) =>
			spreadOf(own.filter(cell => of === undefined || cell.column === of).flatMap(cell => valuesOf(cell, figure))),
		);
		return { name, cells, note: noteOf(own) };
	});
	return { ...heading, columns: columns.map(column => column.title), rows };
}

/** @param {string} name @param {string} note @param {number} columns @returns {Row} */
export const emptyRow = (name, note, columns) => ({ name, cells: Array(columns).fill(null), note });

/** @param {Measured} cell @param {string} figure */
const valuesOf = ({ samples }, figure) =>
	samples.map(sample => sample[figure]).filter(value => value !== undefined && Number.isFinite(value));

/**
 * @param {readonly (number | undefined)[]} all
 * @returns {Spread | null}
 */
function spreadOf(all) {
	const values = all.filter(value => value !== undefined);
	if (values.length === 0) return null;
	return { median: medianOf(values), min: Math.min(...values), max: Math.max(...values), count: values.length };
}

/** @param {readonly Measured[]} cells */
function noteOf(cells) {
	const leftOut = cells.reduce((sum, cell) => sum + cell.leftOut, 0);
	const failures = cells.map(cell => cell.failure).filter(failure => failure !== undefined);
	const early = cells.flatMap(cell => valuesOf(cell, 'stop lag')).filter((lag = 0) => lag < 0).length;
	return [
		...new Set(failures),
		...(early > 0 ? ['returned while the daemon was still running'] : []),
		...(cells.some(cell => cell.isNoisy) ? ['noisy'] : []),
		...(leftOut > 0 ? [`${leftOut} left out`] : []),
	].join('; ');
}
