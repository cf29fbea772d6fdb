/** A server in the foreground, whose work waits for what never comes; it sends itself a signal. */

/** @type {typeof import('../../src/index.ts')} */
const { Server } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const server = new Server('Foreground', {
	pidFile: '/dev/null',
	run: ({ signal }) => {
		console.log('run');
		setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50).unref();
		return new Promise(resolve => signal.addEventListener('abort', resolve));
	},
	beforeStopping: () => console.log('SIGTERM'),
});
await server.startup();
console.log('stopped');
console.log('handlers', process.listenerCount('SIGTERM'));
