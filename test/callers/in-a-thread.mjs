/** Runs another caller in a worker thread: `in-a-thread.mjs NAME ARGUMENTS`. */
import { Worker } from 'node:worker_threads';

const [name = '', ...argv] = process.argv.slice(2);
new Worker(new URL(name, import.meta.url), { argv });
