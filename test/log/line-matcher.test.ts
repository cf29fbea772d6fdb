import { describe, expect, test } from 'vitest';
import { boundLine, LineMatcher } from '../../src/log/line-matcher.ts';

describe('push()', () => {
	test('a pattern is found across pieces', () => {
		const matcher = new LineMatcher(/port (?<port>\d+)/);
		expect(matcher.push('listening on po')).toBeUndefined();
		expect(matcher.push('rt 80')).toBeUndefined();
		expect(matcher.push('80\n')).toEqual({ line: 'listening on port 8080', groups: { port: '8080' } });
	});

	test('a RegExp does not match an unfinished line, which may end with half a number', () => {
		const matcher = new LineMatcher(/port (?<port>\d+)/);
		expect(matcher.push('port 80')).toBeUndefined();
		expect(matcher.matchUnfinished()?.groups).toEqual({ port: '80' });
	});

	test('a string matches an unfinished line at once, and literally', () => {
		expect(new LineMatcher('ready.').push('is ready')).toBeUndefined();
		expect(new LineMatcher('ready.').push('is ready. now')).toEqual({ line: 'is ready. now', groups: {} });
	});

	test('a match does not cross the end of a line', () => {
		expect(new LineMatcher(/a\s*b/).push('a\nb\n')).toBeUndefined();
		expect(new LineMatcher(/^b$/).push('a\nb\n')?.line).toBe('b');
	});

	test('colours, links and carriage returns are no part of a line', () => {
		const matcher = new LineMatcher(/^server is ready$/);
		expect(
			matcher.push('\u001B[1;32mser\u001B[0mver is \u001B]8;;http://x\u001B\\ready\u001B]8;;\u001B\\\r\n')?.line,
		).toBe('server is ready');
	});

	test('an escape sequence may arrive in two pieces', () => {
		const matcher = new LineMatcher('ready');
		expect(matcher.push('re\u001B[3')).toBeUndefined();
		expect(matcher.push('2mady')?.line).toBe('ready');
	});

	test('flags that remember a position have no effect', () => {
		const matcher = new LineMatcher(/a/g);
		expect(matcher.push('a\n')?.line).toBe('a');
		expect(matcher.push('a\n')?.line).toBe('a');
	});

	test('a group that did not take part in the match is left out', () => {
		expect(new LineMatcher(/(?<a>x)|(?<b>y)/).push('y\n')?.groups).toEqual({ b: 'y' });
	});

	test('a line without an end keeps its beginning and its last MiB', () => {
		const matcher = new LineMatcher(/^start.*end$/);
		matcher.push('start');
		for (let count = 0; count < 48; count++) matcher.push('x'.repeat(64 * 1024));
		expect(matcher.matchUnfinished()).toBeUndefined();
		const length = matcher.push('end\n')?.line.length ?? 0;
		expect(length).toBeGreaterThan(1024 * 1024 - 64 * 1024);
		expect(length).toBeLessThan(1024 * 1024 + 64 * 1024);
	});

	test('of a line without an end the first 64 KiB are kept, as colours may stand before its first character', () => {
		const [beginning, end] = ['a'.repeat(64 * 1024), 'b'.repeat(960 * 1024)];
		expect(boundLine(`${beginning}${end}`)).toBe(`${beginning}${end}`);
		expect(boundLine(`${beginning}c${end}`)).toBe(`${beginning}…${end}`);
	});

	test('a RegExp sees both ends of a line that is too long for it, and nothing between', () => {
		const line = `start ${'x'.repeat(300_000)}:1 ready ${'y'.repeat(300_000)} end`;
		const find = (pattern: string | RegExp) => new LineMatcher(pattern).push(`${line}\n`)?.line;
		expect(find(/^start x+…y+ end$/)).toBe(line);
		expect(find(/(?<host>\w+):(?<port>\d+) ready/)).toBeUndefined();
		expect(find(/^y/)).toBeUndefined();
		expect(find(/x$/)).toBeUndefined();
		expect(find(':1 ready')).toBe(line);
		const matcher = new LineMatcher(/never/);
		matcher.push(`${'x'.repeat(4096)}\n`);
		expect(matcher.reason).toBe('1 line read, no match');
		matcher.push(`${'x'.repeat(4097)}\n`);
		expect(matcher.reason).toBe(
			'2 lines read, none matched; of a line of 4097 characters only 2048 at each end were matched',
		);
	});

	test('overwritten text is not part of a line for a RegExp, but a string is found in it', () => {
		const find = (pattern: string | RegExp, text: string) => new LineMatcher(pattern).push(text)?.line;
		for (const before of ['10%\r20%\r', '\uFEFF', '10%\u001B[2K\u001B[1G', '10%\u001B[G', '\u001B]0;a title\u0007'])
			expect([before, find(/^Ready$/, `${before}Ready\n`)]).toEqual([before, 'Ready']);
		for (const text of ['\u001B]2;a title\u001B\\Ready', '\u001B[38:5:1mReady\u001B[0m', 'Ready\u001B[K', 'Ready\r\r'])
			expect([text, find(/^Ready$/, `${text}\n`)]).toEqual([text, 'Ready']);
		expect(find('Ready', 'Ready\rDone\n')).toBe('Ready');
	});

	test('lines are counted, an unfinished one too', () => {
		const matcher = new LineMatcher('x');
		matcher.push('1\n2\n3');
		expect(matcher.lines).toBe(3);
	});
});

describe('pushBytes()', () => {
	test('skips the lines between the first and the last one, and counts them', () => {
		const matcher = new LineMatcher(/port (?<port>\d+)$/);
		expect(matcher.pushBytes(Buffer.from('listening on po'))).toBeUndefined();
		expect(matcher.pushBytes(Buffer.from('rt\nnone\nnone\nport 80'))).toBeUndefined();
		expect(matcher.reason).toBe('4 lines read, 1 matched');
		expect(matcher.matchUnfinished()?.groups).toEqual({ port: '80' });
		const found = matcher.pushBytes(Buffer.from('80\nnone\nnone\nport x'));
		expect(found).toEqual({ line: 'port 8080', groups: { port: '8080' } });
	});

	test('finds a line that the last bytes end, and one among many', () => {
		const find = (pattern: string | RegExp, times: number) => {
			const matcher = new LineMatcher(pattern, times);
			const pieces = ['an a', ' ready\nb\nc\n', 'd\ne ready\nf\n', 'g\nh\nready', '!'];
			return pieces.map(piece => matcher.pushBytes(Buffer.from(piece))?.line);
		};
		expect(find('ready', 1)).toEqual([undefined, 'an a ready', 'e ready', 'ready', 'ready!']);
		expect(find('ready', 2).slice(0, 3)).toEqual([undefined, undefined, 'e ready']);
		expect(find(/ready$/, 2).slice(0, 3)).toEqual([undefined, undefined, 'e ready']);
	});
});
