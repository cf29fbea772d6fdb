/** A caller whose daemon keeps its stdout, a pipe: first Node writes to it, then the command shows how it was left. */

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const startupCommand = ['sh', '-c', 'grep flags /proc/self/fdinfo/1; exec sleep 1000'];
await withDaemon({ startupCommand, beforeExec: () => console.log('hook'), noclose: true }, () => {});
