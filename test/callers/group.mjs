/** A caller that starts a group, prints the pids of its members, and stays. */
/** @type {typeof import('../../src/index.ts')} */
const { startDaemons } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const startupCommand = 'echo ready; exec sleep 1000';

const { db, api } = await startDaemons({
	db: { startupCommand, lookFor: 'ready' },
	api: { startupCommand, lookFor: 'ready', dependsOn: 'db' },
});
console.log(JSON.stringify([db.pid, api.pid]));
setInterval(() => {}, 1000);
