/** Stands in for `src/reaper/program.ts`. */
import { join } from 'node:path';

export const program: string = join(String(process.env['WITHDAEMON_TEST_BUILD']), 'reaper/awake/main.cjs');
