/** A caller whose daemon is to have a certain port; it says which error that was. */

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const port = Number(process.argv[2]);
await withDaemon({ name: 'x', startupCommand: 'sleep 1000', port }, () => {}).catch(error =>
	console.log(error.message),
);
