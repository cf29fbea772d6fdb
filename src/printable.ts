/** What was written by others, as an error may show it: bounded, and without what a terminal would obey. */

/** So much of a line, of a command or of an argument is shown. */
const LONGEST = 400;

/** Control characters, such as those that begin an escape sequence; and those that change the direction of a text. */
const OBEYED = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** On one line, and bounded. */
export function printable(text: string): string {
	return shorten(text).replaceAll('\t', '    ').replace(OBEYED, '\uFFFD');
}

/** A text of several lines, as a message is. */
export function printableLines(text: string): string {
	return text
		.split('\n')
		.map(line => line.replaceAll('\t', '    ').replace(OBEYED, '\uFFFD'))
		.join('\n');
}

/** Of a long text only the beginning, and how much is missing. */
export function shorten(text: string, longest = LONGEST): string {
	const more = text.length - longest;
	return more > 0 ? `${text.slice(0, longest)} … and ${more} characters more` : text;
}
