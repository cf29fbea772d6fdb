/** A caller that may create no more processes, before its first daemon or after that, and prints why a start failed. */
import { spawnSync } from 'node:child_process';
import { stat } from 'node:fs/promises';

/** @type {typeof import('../../src/index.ts')} */
const { startDaemon, withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const options = { name: 'x', startupCommand: ['sleep', '1000'], timeout: 300_000 };
// Node starts its threads at their first use, and aborts if it cannot.
await stat('.');
const before = process.argv[2] === 'after' ? await startDaemon(options) : undefined;
// Its own threads are counted already.
spawnSync('prlimit', [`--pid=${process.pid}`, '--nproc=1:']);
await withDaemon(options, () => {}).catch(error => console.log(error.message));
await before?.[Symbol.asyncDispose]();
