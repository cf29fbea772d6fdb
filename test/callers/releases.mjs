/** A caller that starts a daemon for good: it ends itself as soon as the daemon is ready. */
/** @type {typeof import('../../src/index.ts')} */
const { Daemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const [pidFile = '', logFile = '', command = '', ...args] = process.argv.slice(2);
const daemon = new Daemon({ name: 'released', pidFile, logFile, startupCommand: [command, ...args], lookFor: 'ready' });
await daemon.startup({ exit: true });
console.log('not reached');
