import { expect, test } from 'vitest';
import { wallClock } from '../../src/time/clock.ts';
import { remainingMs } from '../../src/vitest/running-test.ts';
import type { Test } from '../../src/vitest/test-run.ts';

/** A test that began so many ms ago, and may take 1000 ms. */
const begunBefore = (ms: number, more: object = {}, result: object = {}) =>
	({ timeout: 1000, result: { startTime: wallClock() - ms, ...result }, ...more }) as unknown as Test;

test('what is left of the time of a test is at least a moment, and without a limit it has no end', () => {
	expect(remainingMs(begunBefore(900))).toBeLessThanOrEqual(100);
	expect(remainingMs(begunBefore(9000))).toBe(1);
	expect(remainingMs(begunBefore(0, { timeout: 0 }))).toBe(Number.POSITIVE_INFINITY);
});

test.for([{ hooks: { beforeEach: 'pass' } }, { retryCount: 1 }, { repeatCount: 1 }])(
	'after hooks and earlier tries it is half of the time or more: %j',
	result => expect(remainingMs(begunBefore(900, {}, result))).toBe(500),
);
