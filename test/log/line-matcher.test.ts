import { describe, expect, test } from 'vitest';
import { LineMatcher } from '../../src/log/line-matcher.ts';

describe('push()', () => {
	test('a pattern is found across pieces', () => {
		const matcher = new LineMatcher(/port (?<port>\d+)/);
		expect(matcher.push('listening on po')).toBeUndefined();
		expect(matcher.push('rt 80')).toBeUndefined();
		expect(matcher.push('80\n')).toEqual({ line: 'listening on port 8080', groups: { port: '8080' } });
	});

	test('a RegExp does not match an unfinished line, as half a number is none', () => {
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

	test('flags that remember a position do not', () => {
		const matcher = new LineMatcher(/a/g);
		expect(matcher.push('a\n')?.line).toBe('a');
		expect(matcher.push('a\n')?.line).toBe('a');
	});

	test('a group that took no part is left out', () => {
		expect(new LineMatcher(/(?<a>x)|(?<b>y)/).push('y\n')?.groups).toEqual({ b: 'y' });
	});

	test('of a line without an end the last MiB is kept', () => {
		const matcher = new LineMatcher(/start|end/);
		matcher.push('start');
		for (let count = 0; count < 3; count++) matcher.push('x'.repeat(1024 * 1024));
		expect(matcher.matchUnfinished()).toBeUndefined();
		expect(matcher.push('end\n')?.line.length).toBe(1 + 1024 * 1024 + 3);
		const anchored = new LineMatcher(/^x/);
		anchored.push(`y${'x'.repeat(1024 * 1024)}`);
		expect(anchored.push('x\n')).toBeUndefined();
	});

	test('lines are counted, an unfinished one too', () => {
		const matcher = new LineMatcher('x');
		matcher.push('1\n2\n3');
		expect(matcher.lines).toBe(3);
	});
});
