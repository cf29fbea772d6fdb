/** The program of the reaper is run by plain Node, and Node 20 runs no TypeScript: tests of the source use the run's build of it. */
import { fileURLToPath } from 'node:url';

export const builtReaper = [
	{ find: /^\.\/program\.ts$/, replacement: fileURLToPath(new URL('built-program.ts', import.meta.url)) },
];
