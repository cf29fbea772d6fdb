/** A line of the log as a person sees it on a terminal. */

const ESC = '\u001B';
const CSI = `(?:${ESC}\\[|\u009B)`;

/**
 * ECMA-48: strings such as a window's title (OSC) up to BEL or ST, control sequences such as a colour, and the short
 * ones.
 */
const SEQUENCES = new RegExp(
	`${ESC}[\\]PX^_][^\u0007\u009C${ESC}]*(?:\u0007|\u009C|${ESC}\\\\)|${CSI}[0-?]*[ -/]*[@-~]|${ESC}[ -/]*[0-~]`,
	'g',
);
/** Like a carriage return, these begin the line anew: they erase it, or move the cursor to its first column. */
const RESTARTS = new RegExp(`${CSI}(?:2K|[01]?G)`, 'g');

/**
 * The line without colours and other control sequences. For an overwritten line, such as a progress bar, its last
 * state.
 */
export function plain(line: string): string {
	return statesOf(line).at(-1) ?? '';
}

/** The states of the line, in order: each carriage return begins it anew. One at the end is part of the newline. */
export function statesOf(line: string): string[] {
	const text = line.startsWith('\uFEFF') ? line.slice(1) : line;
	const isPlain = !text.includes(ESC) && !text.includes('\u009B');
	const characters = isPlain ? text : text.replace(RESTARTS, '\r').replace(SEQUENCES, '');
	if (!characters.includes('\r')) return [characters];
	let end = characters.length;
	while (characters[end - 1] === '\r') end--;
	return characters.slice(0, end).split('\r');
}
