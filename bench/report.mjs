/** Writes the results as Markdown. */
import { QUIET_RULE } from './quiet.mjs';

/**
 * @typedef {import('./table.mjs').Table} Table
 * @typedef {import('./table.mjs').Spread} Spread
 */

/** @param {import('./bench.mjs').Results} results */
export function toMarkdown({ machine, foreignLoad, phases }) {
	const facts = Object.entries({ ...machine, 'load by others': `${foreignLoad.toFixed(2)} processors` });
	return [
		'# What a daemon costs, and what it costs with other tools',
		'Medians in milliseconds, and in brackets the least and the most. `bench/README.md` says what is measured and how.',
		QUIET_RULE,
		lines(['| on | |', '| --- | --- |', ...facts.map(([name, value]) => `| ${name} | ${value} |`)]),
		...Object.values(phases).flatMap(tables => tables.flatMap(tableOf)),
		'',
	].join('\n\n');
}

/** @param {Table} table */
function tableOf({ title, about, columns, rows, isBrief }) {
	const head = [`| | ${columns.join(' | ')} | |`, `| --- |${' ---: |'.repeat(columns.length)} --- |`];
	const body = rows.map(({ name, cells, note }) => {
		const texts = cells.map(spread => (spread === undefined ? '–' : cellOf(spread, isBrief)));
		return `| ${name} | ${texts.join(' | ')} | ${note} |`;
	});
	return [`## ${title}`, about, lines([...head, ...body])].filter(text => text !== '');
}

/** @param {Spread} spread @param {boolean} [isBrief] */
function cellOf({ median, min, max, count }, isBrief) {
	return isBrief || count === 1 ? format(median) : `${format(median)} (${format(min)} to ${format(max)})`;
}

/** Three digits are all that a measurement is worth. */
export function format(/** @type {number} */ value) {
	const size = Math.abs(value);
	return value.toFixed(size < 1 ? 2 : size < 100 ? 1 : 0);
}

/** @param {readonly string[]} all */
const lines = all => all.join('\n');
