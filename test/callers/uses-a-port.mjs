/** A caller that starts a daemon with a given port, and prints the error. */

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const port = Number(process.argv[2]);
await withDaemon({ name: 'x', startupCommand: 'sleep 1000', port }, () => {}).catch(error =>
	console.log(error.message),
);
