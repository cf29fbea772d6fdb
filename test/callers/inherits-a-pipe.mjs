/** A caller whose daemon keeps its stdout, a pipe: first Node writes to it, then the command shows how it was left. */
import { readFileSync } from 'node:fs';

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const startupCommand = ['sh', '-c', 'grep flags /proc/self/fdinfo/1; exec sleep 1000'];
await withDaemon({ startupCommand, beforeExec: () => console.log('hook'), noclose: true }, async ({ pid }) => {
	// The command has shown it all once it is `sleep`: nothing else would tell, as its output goes elsewhere.
	while (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'sleep\n') await new Promise(setImmediate);
});
