/** Prints the time to a file, every minute. */
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Server } from 'withdaemon';

export const file = fileURLToPath(new URL('timestamps.txt', import.meta.url));

export const server = new Server('TimeStamp', {
	interval: 60_000,
	run: () => appendFileSync(file, `${new Date().toISOString()}\n`),
});
