/** A caller that starts and stops daemons of each kind repeatedly, and then prints what its own process still holds. */
import { readdirSync } from 'node:fs';

/** @type {typeof import('../../src/index.ts')} */
const { Server, withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const [count = '1', module = '', pidFile = ''] = process.argv.slice(2);
const { clock } = await import(module);
const stay = () => void setInterval(() => console.log('ready'), 10);

/** @type {Record<string, import('../../src/index.ts').DaemonOptions>} */
const kinds = {
	function: { startupCommand: stay, lookFor: 'ready' },
	module: { startupCommand: { module, export: 'stay' }, lookFor: 'ready' },
	server: { server: clock, lookFor: 'ready' },
	hooks: {
		startupCommand: ['sh', '-c', 'echo ready; exec sleep 1000'],
		afterFork: () => {},
		beforeExec: () => {},
		lookFor: 'ready',
	},
	'failing function': { startupCommand: () => Promise.reject(new Error('never')), lookFor: 'ready' },
};
const foreground = async () => {
	const server = new Server('Foreground', { pidFile, run: () => void server.shutdown() });
	await server.startup();
};

/** What a process can leave in itself. */
const leftovers = () => ({
	descriptors: readdirSync('/proc/self/fd').length,
	handlers: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
	// A file operation that is under way is not a leak, nor is the next turn of the event loop.
	resources: process
		.getActiveResourcesInfo()
		.filter(name => name !== 'FSReqCallback' && name !== 'Immediate')
		.toSorted(),
});
const result = [];
for (const [kind, options] of Object.entries(kinds).concat([['foreground server', { startupCommand: 'true' }]])) {
	const once = () => (kind.startsWith('foreground') ? foreground() : withDaemon(options, () => {}));
	// The first one may load code that stays.
	await once().catch(() => {});
	const before = JSON.stringify(leftovers());
	for (let cycle = 0; cycle < Number(count); cycle++)
		await once().catch(error => {
			if (kind !== 'failing function') throw error;
		});
	// Node drops a handle one or more turns of its event loop after the library did.
	let after = '';
	for (let turn = 0; turn < 1000 && after !== before; turn++) {
		await new Promise(setImmediate);
		after = JSON.stringify(leftovers());
	}
	result.push([kind, before === after ? 'nothing left' : `${before} became ${after}`]);
}
console.log(JSON.stringify(Object.fromEntries(result)));
