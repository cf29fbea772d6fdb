import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		globalSetup: ['test/setup/nothing-left.ts'],
		setupFiles: ['test/setup/no-warnings.ts'],
		testTimeout: 30_000,
		alias: {
			'withdaemon/vitest': new URL('./src/vitest/index.ts', import.meta.url).pathname,
			withdaemon: new URL('./src/index.ts', import.meta.url).pathname,
		},
	},
});
