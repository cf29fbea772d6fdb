/** Finds the test that runs at the moment, and how much of its time is left. */
import * as vitest from 'vitest';
import { wallClock } from '../time/clock.ts';
import { type Test, testAround } from './test-run.ts';

/**
 * Only needed before vitest 4.1; later the entry warns, and then it is gone. The type keeps compilers from resolving
 * it.
 */
const suiteEntry: string = 'vitest/suite';
const suite = 'TestRunner' in vitest ? undefined : import(suiteEntry).catch(() => undefined);

/** The test whose hooks, fixtures or function run; undefined elsewhere. In hooks of concurrent tests it may be any. */
export async function currentTest(): Promise<Test | undefined> {
	const around = testAround();
	if (around) return around;
	if ('TestRunner' in vitest) return vitest.TestRunner.getCurrentTest();
	return (await suite)?.getCurrentTest();
}

/**
 * The test whose function or fixtures run. Undefined in a hook, whose limit vitest does not tell.
 */
export async function runningTest(): Promise<Test | undefined> {
	const around = testAround();
	if (around) return around;
	// A runner of the user's that is not made from vitest's. vitest may name another one of concurrent tests.
	const test = await currentTest();
	if (test?.result?.state !== 'run' || isConcurrent(test)) return undefined;
	const { beforeEach, afterEach } = test.result.hooks ?? {};
	return beforeEach === 'run' || afterEach !== undefined ? undefined : test;
}

/** The test whose `beforeEach` or `afterEach` hook runs; undefined for concurrent tests. */
export async function testOfHook(): Promise<Test | undefined> {
	const test = await currentTest();
	return test?.result?.state === 'run' && !isConcurrent(test) ? test : undefined;
}

/** How many ms are left of the test's time limit, as far as known: vitest does not say how long its hooks took. */
export function remainingMs({ timeout, result }: Test): number {
	// In vitest a limit of 0 means no limit.
	if (!timeout) return Number.POSITIVE_INFINITY;
	const left = timeout - (wallClock() - (result?.startTime ?? wallClock()));
	const isExact = result?.hooks?.beforeEach === undefined && !result?.retryCount && !result?.repeatCount;
	return Math.max(1, Math.floor(isExact ? left : Math.max(left, timeout / 2)));
}

function isConcurrent(task: Test | Test['suite']): boolean {
	return task !== undefined && (task.concurrent === true || isConcurrent(task.suite));
}
