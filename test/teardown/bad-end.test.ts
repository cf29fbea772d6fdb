import { expect, test } from 'vitest';
import { isBadEnd } from '../../src/teardown/bad-end.ts';

test.each(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGSYS'] as const)(
	'%s is a crash, unless it was asked for',
	signal => {
		expect(isBadEnd({ code: null, signal }, 'SIGTERM', undefined)).toBe(true);
		expect(isBadEnd({ code: null, signal }, signal, [0])).toBe(false);
	},
);

test('a signal that others send is not a crash, and neither is an unknown status', () => {
	const ends = (['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGHUP'] as const).map(signal => ({ code: null, signal }));
	expect([...ends, { code: null, signal: null }].filter(exit => isBadEnd(exit, 'SIGINT', [0]))).toEqual([]);
});

test('any exit code is fine, unless it is said which are', () => {
	const isBad = (code: number, allowed?: readonly number[]) => isBadEnd({ code, signal: null }, 'SIGINT', allowed);
	expect([isBad(0), isBad(139), isBad(3, [3]), isBad(0, [3]), isBad(1, [0])]).toEqual([
		false,
		false,
		false,
		true,
		true,
	]);
});
