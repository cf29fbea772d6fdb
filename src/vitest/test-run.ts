/** Runs the functions of vitest's tests so that a death can end them, and so that code inside them knows its test. */
import { AsyncLocalStorage } from 'node:async_hooks';
import * as vitest from 'vitest';
import { noteTold } from '../hooks/end-daemon.ts';
import type { Mortal } from '../hooks/hooks.ts';
import { unlessAborted } from '../time/deadline.ts';

export type Test = vitest.TestContext['task'];

interface Runner {
	runTask?: (test: Test) => Promise<void>;
	onBeforeTryTask?: (test: Test, ...more: never[]) => unknown;
}
type GetFunction = (test: Test) => () => unknown;

/** One try of a test: its function may be over although what it began goes on. */
interface Try {
	readonly test: Test;
	isOver: boolean;
}
const running = new AsyncLocalStorage<Try>();

/** What ends the function of a test before it ends itself. */
class Ending {
	readonly #controller = new AbortController();
	/** The death that the test has failed with. */
	told: unknown;

	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	end(death: unknown): void {
		this.#controller.abort(death);
	}

	tell(): void {
		this.told = this.signal.reason;
		noteTold(this.signal.reason);
	}
}
const endings = new WeakMap<Test, Ending>();

/** The test whose function or fixtures run, even among concurrent tests; undefined in hooks. */
export function testAround(): Test | undefined {
	const current = running.getStore();
	return current?.isOver === false ? current.test : undefined;
}

/** Whether this code belongs to the function of a test that is over: nobody hears of its errors. */
export function isLeft(): boolean {
	return running.getStore()?.isOver === true;
}

/**
 * From now on the death of the daemon ends the test's function at once.
 *
 * @param uses whether the test turns out to use the daemon.
 * @returns ends that, and tells whether the test has failed with the death.
 */
export function endAtDeath(test: Test, daemon: Mortal, uses = () => true): () => boolean {
	const ending = endings.get(test) ?? new Ending();
	endings.set(test, ending);
	const { signal } = daemon;
	const end = () => void (uses() && daemon.assertNotDied(true).catch(death => ending.end(death)));
	if (signal.aborted) end();
	signal.addEventListener('abort', end, { once: true });
	return () => {
		signal.removeEventListener('abort', end);
		// The next try is another one.
		if (endings.get(test) === ending) endings.delete(test);
		return signal.aborted && ending.told === signal.reason;
	};
}

async function runTry(test: Test, run: () => unknown): Promise<void> {
	const ending = endings.get(test) ?? new Ending();
	endings.set(test, ending);
	const current = { test, isOver: false };
	try {
		tries.add(test);
		for (const watch of watchers) watch(test);
		ending.signal.throwIfAborted();
		await unlessAborted(
			running.run(current, async () => await run()),
			ending.signal,
		);
	} catch (error) {
		if (ending.signal.aborted && error === ending.signal.reason) ending.tell();
		throw error;
	} finally {
		current.isOver = true;
		tries.delete(test);
	}
}

const tries = new Set<Test>();
const watchers = new Set<(test: Test) => void>();

/** Calls `watch` for each test whose function runs or will run, until the function that this returns is called. */
export function forEachTest(watch: (test: Test) => void): () => void {
	for (const test of tries) watch(test);
	watchers.add(watch);
	return () => watchers.delete(watch);
}

/** vitest asks its runner to run the function of a test, if that can. */
function install({ prototype }: { readonly prototype: Runner }, getFunction: GetFunction): void {
	const { runTask: before, onBeforeTryTask } = prototype;
	const runTask = function (this: Runner, test: Test) {
		return runTry(test, () => (before ? before.call(this, test) : getFunction(test)()));
	};
	prototype.runTask = runTask;
	prototype.onBeforeTryTask = function (this: Runner, ...given) {
		const own = this.runTask;
		// A runner of the user's has a method of its own.
		if (own !== runTask && !wrapped.has(this)) {
			wrapped.add(this);
			this.runTask = test => runTry(test, () => own?.call(this, test));
		}
		return onBeforeTryTask?.apply(this, given);
	};
}
const wrapped = new WeakSet<Runner>();

/** Only needed before vitest 4.1. The types keep compilers from resolving entries that are gone later. */
const runnersEntry: string = 'vitest/runners';
const suiteEntry: string = 'vitest/suite';

async function installInOldVitest(): Promise<void> {
	const runners: { VitestTestRunner: { prototype: Runner } } = await import(runnersEntry);
	const suite: { getFn: GetFunction } = await import(suiteEntry);
	install(runners.VitestTestRunner, suite.getFn);
}

const { TestRunner }: { readonly TestRunner?: typeof vitest.TestRunner } = vitest;
if (TestRunner) install(TestRunner, TestRunner.getTestFn as GetFunction);
else {
	const installing = installInOldVitest().catch(() => {
		// ERR_MODULE_NOT_FOUND: the user lets vite load this library, in vm threads. A death is reported at the test's end.
	});
	vitest.beforeAll(() => installing);
}
