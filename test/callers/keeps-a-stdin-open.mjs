/** A caller whose daemon ends only by its stdin when the caller is killed. It prints the pid of the daemon. */
/** @type {typeof import('../../src/index.ts')} */
const { Daemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const [pidFile = '', logFile = '', startupCommand = ''] = process.argv.slice(2);
const daemon = new Daemon({ name: 'open', pidFile, logFile, startupCommand, lookFor: 'ready', stdin: 'open' });
await daemon.startup();
console.log(daemon.pid);
await daemon.exited;
