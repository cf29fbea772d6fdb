/** A caller that says when koffi was loaded, beside its first daemon. */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
await withDaemon({ startupCommand: 'sleep 1000' }, async () => {
	while (!/koffi.*\.node$/m.test(readFileSync('/proc/self/maps', 'latin1'))) await setTimeout(5);
});
console.log('loaded');
