/** Writes the results as Markdown. */
import { goals, lookInto } from './goals.mjs';
import { drawn } from './plots.mjs';
import { QUIET_RULE } from './quiet.mjs';
import { format } from './statistics.mjs';

/**
 * @typedef {import('./bench.mjs').Results} Results
 * @typedef {import('./table.mjs').Table} Table
 * @typedef {import('./table.mjs').Spread} Spread
 */

/**
 * @param {Results} results
 * @param {Results} [before] those of an earlier build, to compare with
 */
export function toMarkdown(results, before) {
	const { machine, foreignLoad, seconds, phases } = results;
	const facts = Object.entries({ ...machine, 'load by other programs': `${foreignLoad.toFixed(2)} processors` });
	const durations = Object.entries(seconds).map(([phase, length]) => `${phase} ${length.toFixed(0)} s`);
	return [
		'# What a daemon costs, here and with other tools',
		'`npm run bench` has written this. [README.md](README.md) says what is measured, and how. Times are in milliseconds: medians, with the least and the most in brackets.',
		'## The goals',
		goalsOf(results, before),
		'## The machine',
		lines(['| | |', '| --- | --- |', ...facts.map(([name, value]) => `| ${name} | ${value} |`)]),
		`${QUIET_RULE} The phases took: ${durations.join(', ')}.`,
		...Object.values(phases).flatMap(tables => tables.flatMap(tableOf)),
		'',
	].join('\n\n');
}

/** @param {Results} results @param {Results} [before] */
function goalsOf(results, before) {
	const rows = goals.map(({ what, unit, most, least, measured }) => {
		const value = measured(lookInto(results));
		const goal = most === undefined ? `≥ ${least}` : `≤ ${most}`;
		const isMet = most === undefined ? value >= (least ?? 0) : value <= most;
		const show = (/** @type {number} */ number) => (Number.isNaN(number) ? '–' : `${format(number)} ${unit}`);
		const verdict = Number.isNaN(value) ? '–' : isMet ? 'met' : '**missed**';
		const earlier = before ? `| ${show(measured(lookInto(before)))} ` : '';
		return `| ${what} | ${goal} ${unit} ${earlier}| ${show(value)} | ${verdict} |`;
	});
	const more = before ? ['| before ', '| ---: '] : ['', ''];
	return lines([`| | goal ${more[0]}| measured | |`, `| --- | ---: ${more[1]}| ---: | --- |`, ...rows]);
}

/** @param {Table} table */
function tableOf({ title, about, columns, rows, isBrief }) {
	const head = [`| | ${columns.join(' | ')} | |`, `| --- |${' ---: |'.repeat(columns.length)} --- |`];
	const body = rows.map(({ name, cells, note }) => {
		const texts = cells.map(spread => (spread === null ? '–' : cellOf(spread, isBrief)));
		return `| ${name} | ${texts.join(' | ')} | ${note} |`;
	});
	const plot = drawn.find(({ of }) => of === title);
	return [`## ${title}`, about, plot ? pictureOf(plot.file, plot.title) : '', lines([...head, ...body])].filter(
		text => text !== '',
	);
}

/** @param {string} file @param {string} text */
function pictureOf(file, text) {
	return lines([
		'<picture>',
		`  <source media="(prefers-color-scheme: dark)" srcset="plots/${file}-dark.svg">`,
		`  <img alt="${text}" src="plots/${file}-light.svg">`,
		'</picture>',
	]);
}

/** @param {Spread} spread @param {boolean} [isBrief] */
function cellOf({ median, min, max, count }, isBrief) {
	return isBrief || count === 1 ? format(median) : `${format(median)} (${format(min)} to ${format(max)})`;
}

/** @param {readonly string[]} all */
const lines = all => all.join('\n');
