/**
 * Finds out, at the speed of grep(1), that none of many whole lines matches. It may only err by suspecting a match:
 * then each line has to be looked at.
 */
import { isAscii } from 'node:buffer';

/** Whether none of these lines matches. The last one has its newline, too. */
export type NoneMatches = (lines: Buffer) => boolean;

const never: NoneMatches = () => false;

const NEWLINE = 0x0a;
/** Begins a colour, which may stand within a word and does not count as a part of the line. */
const ESC = 0x1b;
const CSI = Buffer.from('\u009B');
const BOM = Buffer.from('\uFEFF');

/** @param longest how many bytes a line may have to be matched as it is. */
export function makeNoneMatches(pattern: string | RegExp, longest: number): NoneMatches {
	return typeof pattern === 'string' ? withoutLiteral(pattern) : withoutExpression(pattern, longest);
}

function withoutLiteral(text: string): NoneMatches {
	const bytes = Buffer.from(text);
	// Bytes that are not UTF-8 are read as U+FFFD.
	if (text === '' || text.includes('\uFFFD') || bytes.toString() !== text) return never;
	let at: number | undefined;
	return lines => {
		at ??= rarestByte(bytes, lines);
		// Without its colours a line has no byte that it had not before.
		const first = lines.indexOf(bytes[at] ?? 0);
		if (first === -1) return true;
		if (lines.includes(ESC) || lines.includes(CSI)) return false;
		for (let seen = 0, found = first; found !== -1; found = lines.indexOf(bytes[at] ?? 0, found + 1)) {
			const start = found - at;
			if (isAt(start, bytes, lines)) return false;
			if (++seen < MANY) continue;
			at = undefined;
			return !lines.includes(bytes, Math.max(0, start));
		}
		return true;
	};
}

/** If a chunk has more such bytes than this, they are not rare. */
const MANY = 256;
/** How many bytes are counted to find out which are rare. */
const SAMPLE = 4096;

/**
 * The place of the byte that such lines have least. `Buffer.includes` looks for the first byte, and compares the rest
 * from there: with a rare one it is several times as fast.
 */
function rarestByte(bytes: Buffer, lines: Buffer): number {
	const counts = new Uint32Array(256);
	for (const byte of lines.subarray(0, SAMPLE)) counts[byte] = (counts[byte] ?? 0) + 1;
	const rarities = [...bytes].map(byte => counts[byte] ?? 0);
	return rarities.indexOf(Math.min(...rarities));
}

const isAt = (start: number, text: Buffer, lines: Buffer): boolean =>
	start >= 0 && start + text.length <= lines.length && text.compare(lines, start, start + text.length) === 0;

function withoutExpression({ source, flags }: RegExp, longest: number): NoneMatches {
	const inLines = /[sv]/.test(flags) ? undefined : keepInLine(source);
	if (inLines === undefined) return never;
	const expression = new RegExp(inLines, `${flags.replace(/[dgmy]/g, '')}m`);
	const seesCharacters = /[^ -~]|\\[SWDs]|\.|\[\^/.test(source) || /[im]/.test(flags);
	return lines => {
		if (lines.includes(ESC) || hasLonger(lines, longest)) return false;
		const isPlain = isAscii(lines);
		if (!isPlain && (lines.includes(CSI) || lines.includes(BOM))) return false;
		// In latin1 each byte is a character, and no byte of a longer character is in ASCII.
		return !expression.test(lines.toString(isPlain || !seesCharacters ? 'latin1' : 'utf8'));
	};
}

/**
 * A backslash and what it escapes, a class of characters, a parenthesis that is more than a group, or any other
 * character.
 */
const TOKENS = /\\.|\[\^?(?:\\.|[^\\\]])*\]|\(\?(?::|<(?![=!]))?|./g;

/**
 * The same expression for many lines at once: it matches no newline, so that a match is one of a line, and takes no
 * longer than all lines one by one. Undefined if that is not certain: for expressions that look ahead or behind, into
 * another line, and for rare escapes.
 */
function keepInLine(source: string): string | undefined {
	if (/[^ -~\u00A0-\uFFFF]/.test(source)) return undefined;
	const tokens = (source.match(TOKENS) ?? []).map(token => {
		if (token === '(?') return undefined;
		if (token.startsWith('[^')) return `[^\\n${token.slice(2)}`;
		if (token.startsWith('[')) return /\\[^dwS\-\]\\[.^$*+?(){}|/]/.test(token) ? undefined : token;
		if (!token.startsWith('\\')) return token;
		return IN_LINE[token] ?? (/\\[cnpPux0]/.test(token) ? undefined : token);
	});
	return tokens.includes(undefined) ? undefined : tokens.join('');
}

const IN_LINE: Readonly<Record<string, string>> = { '\\s': '[^\\S\\n]', '\\W': '[^\\w\\n]', '\\D': '[^\\d\\n]' };

/** Whether a line has more bytes than that, and perhaps more characters. */
function hasLonger(lines: Buffer, bytes: number): boolean {
	for (let start = 0; lines.length - start > bytes; ) {
		const end = lines.lastIndexOf(NEWLINE, start + bytes);
		if (end < start) return true;
		start = end + 1;
	}
	return false;
}
