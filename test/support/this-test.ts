/** The test that calls: vitest's own `onTestFinished` takes one concurrent test for another. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { TestContext } from 'vitest';

/** `test/setup/this-test.ts` runs each test in it. */
export const running = new AsyncLocalStorage<Pick<TestContext, 'onTestFinished'>>();

/** Calls the function when the calling test is over, whatever tests run beside it. */
export function onTestFinished(end: () => unknown): void {
	const test = running.getStore();
	if (test === undefined) throw new Error('Call this in a test: elsewhere there is no end of a test to wait for.');
	test.onTestFinished(async () => void (await end()));
}
