/** Makes foreign text safe for an error: shortens it, and replaces characters that a terminal would obey. */

/** This much of a line, a command or an argument is shown. */
const LONGEST = 400;

/** Control characters, such as those that begin an escape sequence; and those that change the direction of a text. */
const OBEYED = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** The text on one line, and shortened. */
export function printable(text: string): string {
	return shorten(text).replaceAll('\t', '    ').replace(OBEYED, '\uFFFD');
}

/** Keeps the lines of a text, such as a message. */
export function printableLines(text: string): string {
	return text
		.split('\n')
		.map(line => line.replaceAll('\t', '    ').replace(OBEYED, '\uFFFD'))
		.join('\n');
}

/** Cuts off a long text, and says how much is missing. */
export function shorten(text: string, longest = LONGEST): string {
	const more = text.length - longest;
	return more > 0 ? `${text.slice(0, longest)} … and ${more} characters more` : text;
}
