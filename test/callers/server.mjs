/** A server in the foreground whose work never settles; it sends itself a signal. */

/** @type {typeof import('../../src/index.ts')} */
const { Server } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
/** Handles of this kind keep the process alive. */
const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
/** @param {{ signal: AbortSignal }} context */
const waits = ({ signal }) => {
	console.log('run');
	return new Promise(resolve => signal.addEventListener('abort', resolve));
};
const server = new Server('Foreground', {
	pidFile: '/dev/null',
	run: waits,
	beforeStopping: () => console.log('SIGTERM'),
});
const ended = server.startup();
setImmediate(() => {
	console.log('timers', timers());
	process.kill(process.pid, 'SIGTERM');
});
await ended;
console.log('stopped, timers', timers(), 'handlers', process.listenerCount('SIGTERM'));
