/** Prints the time to a file, every minute. */
import { appendFileSync } from 'node:fs';
import { Server } from 'withdaemon';

export const file = new URL('timestamps.txt', import.meta.url).pathname;

export const server = new Server('TimeStamp', {
	interval: 60_000,
	run: () => appendFileSync(file, `${new Date().toISOString()}\n`),
});
