import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { builtReaper } from './test/setup/built-reaper.ts';
import { LongestFirst } from './test/setup/longest-first.ts';

const source = (path: string) => new URL(`./src/${path}`, import.meta.url).pathname;

const entries = [
	{ find: 'withdaemon/vitest', replacement: source('vitest/index.ts') },
	{ find: 'withdaemon', replacement: source('index.ts') },
];

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		globalSetup: ['test/setup/nothing-left.ts'],
		setupFiles: ['test/setup/own-folder.ts', 'test/setup/no-warnings.ts', 'test/setup/this-test.ts'],
		// Half of the time of most files would go into a process of their own and into loading the library again.
		isolate: false,
		sequence: { sequencer: LongestFirst },
		// The tests wait for processes most of the time: more workers than cores are done sooner.
		maxWorkers: Math.max(6, availableParallelism()),
		// Limits for what hangs, not for what is slow: other work on the machine may slow each test down ten times.
		testTimeout: 240_000,
		hookTimeout: 120_000,
		// A poll ends as soon as it can, so the limit only has to be shorter than that of the test.
		expect: { poll: { timeout: 60_000 } },
		alias: [...builtReaper, ...entries],
	},
});
