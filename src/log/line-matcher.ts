/** Finds a pattern in lines that arrive in pieces. */
import { stripVTControlCharacters } from 'node:util';

/** A line of the log that matched. */
export interface LogMatch {
	/** The line, without colours and without its newline. */
	readonly line: string;
	/** The pattern's named groups that took part in the match. */
	readonly groups: Readonly<Record<string, string>>;
}

/** Of a line without an end, this much is kept: memory stays bounded whatever a daemon writes. */
const LONGEST_LINE = 1024 * 1024;

export class LineMatcher {
	readonly #match: (line: string) => LogMatch | undefined;
	/** A literal cannot go on behind its end; what a RegExp matched there may be half of it. */
	readonly #isLiteral: boolean;
	#unfinished = '';
	#lines = 0;

	constructor(pattern: string | RegExp) {
		this.#isLiteral = typeof pattern === 'string';
		this.#match = typeof pattern === 'string' ? matchLiteral(pattern) : matchExpression(pattern);
	}

	/** How many lines were looked at, an unfinished last one included. */
	get lines(): number {
		return this.#lines + (this.#unfinished === '' ? 0 : 1);
	}

	/** Why there is no match yet. */
	get reason(): string {
		if (this.lines === 0) return 'nothing was logged';
		return this.lines === 1 ? '1 line read, no match' : `${this.lines} lines read, none matched`;
	}

	/** Takes the next piece of the log. Answers the first match that more text cannot change. */
	push(piece: string): LogMatch | undefined {
		const lines = `${this.#unfinished}${piece}`.split('\n');
		const rest = lines.pop() ?? '';
		// The mark keeps ^ from matching where the line was cut.
		this.#unfinished = rest.length > LONGEST_LINE ? `…${rest.slice(-LONGEST_LINE)}` : rest;
		for (const line of lines) {
			this.#lines++;
			const match = this.#match(plain(line));
			if (match) return match;
		}
		return this.#isLiteral ? this.matchUnfinished() : undefined;
	}

	/** A match in the last, unfinished line. Of a RegExp only for a line that has come to rest: `port 80` may be `port 8080`. */
	matchUnfinished(): LogMatch | undefined {
		return this.#unfinished === '' ? undefined : this.#match(plain(this.#unfinished));
	}
}

/** A pattern as error messages show it: `"ready"` or `/ready/i`. */
export const showPattern = (pattern: string | RegExp): string =>
	typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);

/** The text of a line as a person sees it. */
export function plain(line: string): string {
	const text = line.endsWith('\r') ? line.slice(0, -1) : line;
	return text.includes('\u001B') || text.includes('\u009B') ? stripVTControlCharacters(text) : text;
}

function matchLiteral(text: string) {
	return (line: string): LogMatch | undefined => (line.includes(text) ? { line, groups: {} } : undefined);
}

function matchExpression({ source, flags }: RegExp) {
	// g and y would carry lastIndex from one line to the next.
	const expression = new RegExp(source, flags.replace(/[gy]/g, ''));
	return (line: string): LogMatch | undefined => {
		const match = expression.exec(line);
		if (match === null) return undefined;
		const groups = Object.entries(match.groups ?? {}).filter(([, value]) => value !== undefined);
		return { line, groups: Object.fromEntries(groups) };
	};
}
