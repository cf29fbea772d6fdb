import { describe, expect, test } from 'vitest';
import { LineMatcher } from '../../src/log/line-matcher.ts';
import { makeNoneMatches } from '../../src/log/none-matches.ts';

const noneMatches = (pattern: string | RegExp, text: string | Buffer) =>
	makeNoneMatches(pattern, 4096)(Buffer.from(text as string));

const lines = `GET /\r\n\t\n\n\n1 2 3\nre dy on\nz\nläuft – gut\n${'rrr '.repeat(1000)}\n`;

/** Each with a line that it matches. */
const patterns: [string | RegExp, string][] = [
	['ready', 'is ready'],
	['rrrq', 'rrrrq'],
	['é', 'café'],
	[/ready/, 'is ready'],
	[/^ready on (?<port>\d+)$/, 'ready on 80\r'],
	[/^a\sb\S+[^x]\W\D.*$/i, 'A b12-- .'],
	[/x[a-z]{3}[^\s]!/, 'xabc.!'],
	[/(c|d)\.\1x/u, 'c.cx'],
	[/^.é/m, 'gé'],
	[/\bgut\b!/, '– gut!'],
];

describe('many lines are skipped at once', () => {
	test.each(patterns)('if %s matches none of them', (pattern, line) => {
		expect(noneMatches(pattern, lines)).toBe(true);
		expect(noneMatches(pattern, `${lines}${line}\n${lines}`)).toBe(false);
		expect(new LineMatcher(pattern).push(`${line}\n`)).toBeDefined();
	});

	test('although a match across their ends would be there', () => {
		for (const pattern of [/a\s+b/, /a[^x]*b/, /a\W+b/, /a\D*b/, /^$b/])
			expect([pattern, noneMatches(pattern, 'xa\n\n\nbx\n')]).toEqual([pattern, true]);
	});

	test('although a rare character of the string is in all of them', () => {
		expect(noneMatches('Zz', 'Z\n'.repeat(1000))).toBe(true);
		// After 256 of them each byte is looked at.
		for (const count of [255, 256, 257, 1000])
			expect([count, noneMatches('Zz', `${'Z\n'.repeat(count)}Zz\n`)]).toEqual([count, false]);
		const long = `${'Z'.repeat(300)}y`;
		expect(noneMatches(long, `${'y'.repeat(256)}\n${long}\n${'Z'.repeat(100)}\n`)).toBe(false);
		expect(noneMatches(long, `y\n${long.slice(1)}\n`)).toBe(true);
		expect(noneMatches('Zab', 'ab ab\nZ\n')).toBe(true);
	});

	test('by another of its bytes, if the one that was rare has become frequent', () => {
		const noLineMatches = makeNoneMatches('ready', 4096);
		const searched: unknown[] = [];
		for (const text of ['read', 'ray '.repeat(1000), 'ray '.repeat(1000)]) {
			const lines = Buffer.from(`${text}\n`);
			lines.includes = (what, ...where: never[]) => {
				if (what instanceof Uint8Array && what.length === 5) searched.push(text);
				return Buffer.prototype.includes.call(lines, what, ...where);
			};
			expect(noLineMatches(lines)).toBe(true);
		}
		expect(searched).toEqual(['ray '.repeat(1000)]);
	});

	test('although there are colours, if a byte of the string is nowhere', () => {
		expect(noneMatches('ready', 'rea\u001B[32md\n')).toBe(true);
	});
});

describe('each line is looked at', () => {
	test('if colours may stand within a word', () => {
		for (const colour of ['\u001B[32m', '\u009B32m'])
			for (const pattern of ['ready', /ready/])
				expect([colour, pattern, noneMatches(pattern, `re${colour}ady\n`)]).toEqual([colour, pattern, false]);
	});

	test('if one is longer than what an expression sees', () => {
		const long = (length: number) => `x\n${'y'.repeat(length)}\nx\n`;
		expect(noneMatches(/a/, long(4096))).toBe(true);
		expect(noneMatches(/a/, long(4097))).toBe(false);
		expect(noneMatches('a', long(4097))).toBe(true);
	});

	test('if a byte order mark stands before its beginning', () => {
		expect(noneMatches(/^ready/, '\uFEFFready\n')).toBe(false);
	});

	test.each([/a(?!\s)/, /(?<!a)b/, /(?<=a)b/, /a(?=b)/, /a.b/s, /[\s,]b/, /a\nb/, /\u0061b/, /[\x21-\x7f]b/])(
		'for %s, which may see the end of a line',
		pattern => expect(noneMatches(pattern, 'none\n')).toBe(false),
	);

	test('for bytes that are not UTF-8, if the string has their replacement', () => {
		expect(noneMatches('a\uFFFD', Buffer.from([0x61, 0xff, 0x0a]))).toBe(false);
		expect(noneMatches('\uD800', Buffer.from([0xff, 0x0a]))).toBe(false);
	});
});
