/** A caller that tries to start the given daemon, and prints why it failed. */

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);

const [command = ''] = process.argv.slice(2);
const run = withDaemon({ startupCommand: [command], lookFor: 'ready', timeout: 5000 }, () => 'it worked');
const { name, message } = await run.catch(reason => reason);
console.log(JSON.stringify({ name, message, pid: process.pid }));
