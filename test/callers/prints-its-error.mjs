/** A caller that starts a daemon with the given options, and prints the error. */

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const options = JSON.parse(process.argv[2] ?? '{}');
await withDaemon({ name: 'x', startupCommand: 'sleep 1000', ...options }, () => {}).catch(error =>
	console.log(error.message),
);
