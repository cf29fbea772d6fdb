/**
 * For the suites of a vitest of their own: the library as this run has built it, which vitest loads as it does an
 * installed one.
 */
import { join } from 'node:path';

const built = (path: string) => join(String(process.env['WITHDAEMON_TEST_BUILD']), path);

export const builtLibrary = [
	{ find: 'withdaemon/vitest', replacement: built('vitest/index.js') },
	{ find: 'withdaemon', replacement: built('index.js') },
];
