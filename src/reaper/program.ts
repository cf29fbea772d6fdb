/** The path of the program that the reaper becomes when it wakes. */
import { fileURLToPath } from 'node:url';

export const program: string = fileURLToPath(new URL('../reaper/awake/main.js', import.meta.url));
