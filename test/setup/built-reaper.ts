/** Plain Node runs the reaper, and Node 20 runs no TypeScript: tests of the source use the build of this run. */
import { fileURLToPath } from 'node:url';

export const builtReaper = [
	{ find: /^\.\/program\.ts$/, replacement: fileURLToPath(new URL('built-program.ts', import.meta.url)) },
];
