import { defineConfig } from 'vitest/config';
import { builtReaper } from './test/setup/built-reaper.ts';

const source = (path: string) => new URL(`./src/${path}`, import.meta.url).pathname;

const entries = [
	{ find: 'withdaemon/vitest', replacement: source('vitest/index.ts') },
	{ find: 'withdaemon', replacement: source('index.ts') },
];

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		globalSetup: ['test/setup/nothing-left.ts'],
		setupFiles: ['test/setup/no-warnings.ts'],
		testTimeout: 30_000,
		alias: [...builtReaper, ...entries],
	},
});
