/** The test that runs at the moment, and how much of its time is left. */
import * as vitest from 'vitest';
import { wallClock } from '../time/clock.ts';

export type Test = vitest.TestContext['task'];

/** Before 4.1 only `vitest/suite` tells; later that entry warns, and then it is gone. A name that no compiler looks up. */
const suiteEntry: string = 'vitest/suite';
const suite = 'TestRunner' in vitest ? undefined : import(suiteEntry).catch(() => undefined);

/** The test whose hooks, fixtures or function run; undefined elsewhere. Of concurrent ones any. */
export async function currentTest(): Promise<Test | undefined> {
	if ('TestRunner' in vitest) return vitest.TestRunner.getCurrentTest();
	return (await suite)?.getCurrentTest();
}

/**
 * The test whose function or fixtures run. Not while its hooks run: their limits are others, which vitest does not tell. And
 * not a concurrent one: vitest knows only one of them at a time, which may be another.
 */
export async function runningTest(): Promise<Test | undefined> {
	const test = await currentTest();
	if (test?.result?.state !== 'run' || isConcurrent(test)) return undefined;
	const { beforeEach, afterEach } = test.result.hooks ?? {};
	return beforeEach === 'run' || afterEach !== undefined ? undefined : test;
}

/** How many ms are left of the test's time limit, as far as one can know: vitest does not say how long its hooks took. */
export function remainingMs({ timeout, result }: Test): number {
	// A limit of 0 is vitest's word for none.
	if (!timeout) return Number.POSITIVE_INFINITY;
	const left = timeout - (wallClock() - (result?.startTime ?? wallClock()));
	const isExact = result?.hooks?.beforeEach === undefined && !result?.retryCount && !result?.repeatCount;
	return Math.max(1, Math.floor(isExact ? left : Math.max(left, timeout / 2)));
}

function isConcurrent(task: Test | vitest.TestContext['task']['suite']): boolean {
	return task !== undefined && (task.concurrent === true || isConcurrent(task.suite));
}
