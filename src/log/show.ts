/** Prepares the lines of a log for an error message. */
import type { EvidenceRow } from '../error-text.ts';
import { printable } from '../printable.ts';
import { plain } from './plain.ts';

/** The lines of a text, without colours. */
export function toLines(text: string): string[] {
	const lines = text.split('\n');
	if (lines.at(-1) === '') lines.pop();
	return lines.map(plain);
}

/** A row for each line. If the text is UTF-16, a row before them says so. */
export function describeLines(lines: readonly string[]): EvidenceRow[] {
	const utf16 = 'every other byte is NUL, as in UTF-16, but a log is read as UTF-8: make the daemon write UTF-8';
	return [
		...(hasNulBytes(lines.join('')) ? [['log', utf16] as const] : []),
		...lines.map(line => ['log', `| ${printable(line)}`] as const),
	];
}

/** In UTF-16 text that is mostly ASCII every other byte is NUL; binary output has some NUL bytes too. */
function hasNulBytes(text: string): boolean {
	return text.length > 0 && text.split('\0').length - 1 > text.length / 3;
}
