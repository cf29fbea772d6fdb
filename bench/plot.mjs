/**
 * Draws a table as a dot plot in SVG: a row for each contender, a dot for each column, a line from the least to the
 * most. Libraries that draw this need a DOM or a browser; this is a hundred lines that write text.
 */
import { format } from './statistics.mjs';

/**
 * @typedef {import('./table.mjs').Table} Table
 * @typedef {import('./table.mjs').Spread} Spread
 *
 * @typedef {object} Plot
 * @property {string} title
 * @property {string} subtitle
 * @property {string} unit
 * @property {readonly string[]} legend a text for each column
 * @property {Table} table
 *
 * @typedef {'light' | 'dark'} Theme
 */

/** Colours that people with any colour vision can tell apart (Okabe and Ito), lighter on dark ground. */
const THEMES = {
	light: { ground: '#ffffff', text: '#1f2328', faint: '#59636e', line: '#d1d9e0', own: '#eef4fb' },
	dark: { ground: '#0d1117', text: '#f0f6fc', faint: '#9198a1', line: '#3d444d', own: '#172435' },
};
const DOTS = {
	light: ['#0072b2', '#d55e00', '#009e73', '#a4508b'],
	dark: ['#56b4e9', '#f0883e', '#3fcf9f', '#e39cc4'],
};
const [WIDTH, LEFT, RIGHT, TOP] = [960, 250, 190, 92];
const [ROW, DOT_GAP] = [12, 7];

/** @param {Plot} plot @param {Theme} theme */
export function draw({ title, subtitle, unit, legend, table }, theme) {
	const rows = table.rows.filter(({ cells }) => cells.some(spread => spread !== null));
	const colours = THEMES[theme];
	const row = ROW + DOT_GAP * Math.max(2, legend.length);
	const bottom = TOP + rows.length * row;
	const height = bottom + 50;
	const values = rows.flatMap(({ cells }) => cells.flatMap(spread => (spread ? [spread.min, spread.max] : [])));
	const x = makeScale(values);
	const text = (/** @type {number} */ left, /** @type {number} */ top, /** @type {string} */ words, more = '') =>
		`<text x="${left}" y="${top}" ${more}>${escaped(words)}</text>`;
	const ticks = x.ticks.map(tick => {
		const place = x.at(tick).toFixed(1);
		const line = `<line x1="${place}" x2="${place}" y1="${TOP - 6}" y2="${bottom + 4}" stroke="${colours.line}"/>`;
		return line + text(Number(place), bottom + 20, String(tick), `text-anchor="middle" fill="${colours.faint}"`);
	});
	const middleOf = (/** @type {number} */ index) => TOP + (index + 0.5) * row;
	const grounds = rows.map(({ name }, index) =>
		isOwn(name)
			? `<rect x="8" y="${middleOf(index) - row / 2 + 1}" width="${WIDTH - 16}" height="${row - 2}" rx="4" fill="${colours.own}"/>`
			: '',
	);
	const body = rows.map(({ name, cells }, index) => {
		const middle = middleOf(index);
		const label = text(LEFT - 12, middle + 4, name, `text-anchor="end"${isOwn(name) ? ' font-weight="600"' : ''}`);
		const dots = cells.map((spread, column) => {
			if (!spread) return '';
			const y = middle + (column - (cells.length - 1) / 2) * DOT_GAP;
			const colour = DOTS[theme][column];
			const [min, median, max] = [spread.min, spread.median, spread.max].map(value => x.at(value).toFixed(1));
			const line = `<line x1="${min}" x2="${max}" y1="${y}" y2="${y}" stroke="${colour}" stroke-opacity="0.45" stroke-width="2"/>`;
			return `${line}<circle cx="${median}" cy="${y}" r="3.5" fill="${colour}"/>`;
		});
		const medians = cells.map(spread => (spread ? format(spread.median) : '–')).join(' · ');
		return label + dots.join('') + text(WIDTH - 16, middle + 4, medians, `text-anchor="end" fill="${colours.faint}"`);
	});
	const keys = legend
		.filter(words => words !== '')
		.map((words, column) => {
			const left = LEFT + column * 150;
			return `<circle cx="${left}" cy="66" r="4" fill="${DOTS[theme][column]}"/>${text(left + 10, 70, words)}`;
		});
	const axis = text(
		LEFT,
		bottom + 38,
		`${unit}, ${x.isLog ? 'logarithmic; ' : ''}dot: median, line: least to most`,
		`fill="${colours.faint}"`,
	);
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="13" fill="${colours.text}">`,
		`<rect width="${WIDTH}" height="${height}" rx="6" fill="${colours.ground}"/>`,
		text(16, 28, title, 'font-size="18" font-weight="600"'),
		text(16, 48, subtitle, `fill="${colours.faint}"`),
		...keys,
		...grounds,
		...ticks,
		...body,
		axis,
		'</svg>',
		'',
	].join('\n');
}

/**
 * Logarithmic if the largest is more than twenty times the smallest.
 * @param {readonly number[]} values
 */
function makeScale(values) {
	const positive = values.filter(value => value > 0);
	const [least, most] = [Math.min(...positive), Math.max(...positive)];
	const isLog = most / least > 20;
	const [low, high] = isLog ? [least * 0.7, most * 1.15] : [0, most * 1.08];
	const part = (/** @type {number} */ value) =>
		isLog ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : Math.max(value, 0) / high;
	const at = (/** @type {number} */ value) => LEFT + part(value) * (WIDTH - LEFT - RIGHT);
	const step = 10 ** Math.floor(Math.log10(high / 2));
	const linear = Array.from({ length: Math.floor(high / step) + 1 }, (_, index) => index * step);
	const powers = Array.from({ length: 12 }, (_, index) => 10 ** (index - 4));
	return { at, isLog, ticks: (isLog ? powers : linear).filter(tick => tick >= low && tick <= high) };
}

const isOwn = (/** @type {string} */ name) => /^(?:withdaemon|useDaemon)/i.test(name);

const escaped = (/** @type {string} */ words) =>
	words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
