/** Finds a pattern in lines that arrive in pieces. */
import type { Captures } from './captures.ts';
import { countLines } from './count-lines.ts';
import { makeNoneMatches, type NoneMatches } from './none-matches.ts';
import { plain, statesOf } from './plain.ts';

/** A line of the log that matched. */
export interface LogMatch<Groups extends Captures = Captures> {
	/** The line, without colours and without its newline. */
	readonly line: string;
	/** The pattern's named groups that took part in the match. */
	readonly groups: Groups;
}

const NEWLINE = 0x0a;

/** This much of a line without an end is kept, so that memory stays bounded whatever a daemon writes. */
const LONGEST_LINE = 1024 * 1024;
/** This much of its beginning is kept, colours included, for a RegExp that has a `^`. */
const BEGINNING = 64 * 1024;

/**
 * A RegExp sees this many characters at each end of a long line. Many expressions take time with the square of the
 * length: a line of 300 kB would block the event loop for half a minute.
 */
const SEEN = 2048;

export class LineMatcher {
	readonly #match: (line: string) => LogMatch | undefined;
	/**
	 * More text cannot change the match of a literal, but it can change that of a RegExp at the end of an unfinished
	 * line.
	 */
	readonly #isLiteral: boolean;
	readonly #times: number;
	readonly #noneMatches: NoneMatches;
	/** How many whole lines have matched. */
	#matched = 0;
	#unfinished = '';
	#lines = 0;
	/** The length of the longest line that a RegExp did not see as a whole. */
	#longest = 0;
	/** How many bytes were not looked at. The reader of the log sets it when it gives up before the end. */
	unreadBytes = 0;

	/** @param times how many lines have to match. */
	constructor(pattern: string | RegExp, times = 1) {
		this.#isLiteral = typeof pattern === 'string';
		this.#times = times;
		this.#match = toMatch(pattern);
		this.#noneMatches = makeNoneMatches(pattern, 2 * SEEN);
	}

	/** How many lines were looked at, including an unfinished last one. */
	get lines(): number {
		return this.#lines + (this.#unfinished === '' ? 0 : 1);
	}

	/** Why there is no match yet. */
	get reason(): string {
		const matched = this.#matched + (this.#unfinished !== '' && this.#match(this.#unfinished) ? 1 : 0);
		const some = `${this.lines} line${this.lines === 1 ? '' : 's'} read, ${matched} matched`;
		const none = this.lines === 1 ? '1 line read, no match' : `${this.lines} lines read, none matched`;
		return [
			this.lines === 0 ? 'nothing was logged' : matched === 0 ? none : some,
			...(this.#longest > 0 ? [`of a line of ${this.#longest} characters only ${SEEN} at each end were matched`] : []),
			...(this.unreadBytes > 0 ? [`the last ${this.unreadBytes} bytes were not read, as the log grew faster`] : []),
		].join('; ');
	}

	/** Whether there is an unfinished last line, which only {@link matchUnfinished} looks at. */
	get isOpen(): boolean {
		return this.#unfinished !== '' && !this.#isLiteral;
	}

	/** The same as {@link push} for bytes that do not end within a character. Most lines are not looked at one by one. */
	pushBytes(bytes: Buffer): LogMatch | undefined {
		const [first, last] = [bytes.indexOf(NEWLINE) + 1, bytes.lastIndexOf(NEWLINE) + 1];
		const whole = bytes.subarray(first, last);
		if (whole.length === 0 || !this.#noneMatches(whole)) return this.push(bytes.toString());
		const match = this.push(bytes.toString('utf8', 0, first));
		if (match) return match;
		this.#lines += countLines(whole);
		return this.push(bytes.toString('utf8', last));
	}

	/** Takes the next piece of the log. Returns the last match that is needed, if more text cannot change it. */
	push(piece: string): LogMatch | undefined {
		const lines = `${this.#unfinished}${piece}`.split('\n');
		this.#unfinished = boundLine(lines.pop() ?? '');
		for (const line of lines) {
			this.#lines++;
			const match = this.#look(line);
			if (match) this.#matched++;
			if (match && this.#matched >= this.#times) return match;
		}
		return this.#isLiteral ? this.matchUnfinished() : undefined;
	}

	/**
	 * A match in the unfinished last line. For a RegExp call it when no more text comes: `port 80` may become `port
	 * 8080`.
	 */
	matchUnfinished(): LogMatch | undefined {
		if (this.#unfinished === '' || this.#matched + 1 < this.#times) return undefined;
		return this.#look(this.#unfinished);
	}

	#look(line: string): LogMatch | undefined {
		if (!this.#isLiteral && line.length > 2 * SEEN) {
			const { length } = plain(line);
			if (length > 2 * SEEN) this.#longest = Math.max(this.#longest, length);
		}
		return this.#match(line);
	}
}

/** A pattern as error messages show it: `"ready"` or `/ready/i`. */
export const showPattern = (pattern: string | RegExp): string =>
	typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);

/** Matches a line: a string matches any state that the line had, a RegExp only the last one that a person sees. */
export const toMatch = (pattern: string | RegExp): ((line: string) => LogMatch | undefined) =>
	typeof pattern === 'string' ? matchLiteral(pattern) : matchExpression(pattern);

function matchLiteral(text: string) {
	return (line: string): LogMatch | undefined => {
		const state = statesOf(line).findLast(state => state.includes(text));
		return state === undefined ? undefined : { line: state, groups: {} };
	};
}

function matchExpression({ source, flags }: RegExp) {
	// The flags g and y would carry lastIndex from one line to the next.
	const expression = new RegExp(source, flags.replace(/[gy]/g, ''));
	return (text: string): LogMatch | undefined => {
		const line = plain(text);
		const match = expression.exec(leaveOut(line, SEEN, SEEN));
		if (match === null) return undefined;
		const groups = Object.entries(match.groups ?? {}).filter(([, value]) => value !== undefined);
		return { line, groups: Object.fromEntries(groups) };
	};
}

/** Shortens a line that has become too long. */
export const boundLine = (line: string): string => leaveOut(line, BEGINNING, LONGEST_LINE - BEGINNING);

/** The `…` keeps the two ends from forming a word or a number together. */
function leaveOut(text: string, beginning: number, end: number): string {
	return text.length > beginning + end ? `${text.slice(0, beginning)}…${text.slice(-end)}` : text;
}
