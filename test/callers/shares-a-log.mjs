/** A caller that starts a daemon with the log of another daemon, and prints why it failed. */

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);

const [, , logFile = ''] = process.argv;
await withDaemon({ startupCommand: 'sleep 1000', logFile }, () => {}).catch(error => console.log(error.message));
