/** A caller whose daemon inherits its stdout, a pipe: Node writes to it, then the command shows its state. */
import { readFileSync } from 'node:fs';

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const startupCommand = ['sh', '-c', 'grep flags /proc/self/fdinfo/1; exec sleep 1000'];
await withDaemon({ startupCommand, beforeExec: () => console.log('hook'), noclose: true }, async ({ pid }) => {
	// The command has printed everything when it is `sleep`; its output goes elsewhere and tells nothing here.
	while (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'sleep\n') await new Promise(setImmediate);
});
