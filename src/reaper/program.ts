/** The path of the program that the reaper becomes when it wakes. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const program: string = join(fileURLToPath(import.meta.url), '../../reaper/awake/main.cjs');
