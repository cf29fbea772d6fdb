/** What this library needs of a test runner: its hooks, and what can be done with a test that runs. */
/** A daemon that reports its death. */
export interface Mortal {
	readonly name: string;
	readonly signal: AbortSignal;
	assertNotDied(isSuspected: boolean): Promise<void>;
}

/** A hook throws to fail what it belongs to. Its limit is in ms; 0 means no limit. */
export interface Hooks {
	beforeAll(work: () => Promise<void>, limitMs: number): void;
	/** `work` is called once or more often, at the end of the tests that these hooks surround. */
	afterAll(work: () => Promise<void>, limitMs: number): void;
	beforeEach(work: (test: HookedTest) => Promise<void>, limitMs: number): void;
	afterEach(work: (test: HookedTest) => Promise<void>, limitMs: number): void;
}

/** A try of a test, from its first hook on. */
export interface HookedTest {
	readonly isConcurrent: boolean;
	/** Whether it has failed so far. */
	hasFailed(): boolean;
	/**
	 * From now on the death of the daemon ends the test at once, if the runner can do that.
	 *
	 * @returns ends that, and tells whether the test has failed with the death.
	 */
	endAtDeath(daemon: Mortal): () => boolean;
	/** Calls `work` after the test and its hooks. If it throws, the test fails. */
	onOver(work: () => Promise<void>, limitMs: number): void;
	/** Calls `work` after that, if the test has failed. */
	onFailed(work: () => Promise<void>): void;
	/** The text of its failure so far. */
	failure(): string;
	/** Adds to the text of its failure. */
	append(text: string): void;
	/** Shows what a daemon has logged, once the test has failed. */
	show(log: TestLog): Promise<void>;
}

/** What a daemon has logged during a test that has failed. */
export interface TestLog {
	readonly daemon: string;
	/** The last lines, below a heading. */
	readonly shown: string;
	/** Everything, or its last 4 MiB. */
	readonly whole: string;
}
