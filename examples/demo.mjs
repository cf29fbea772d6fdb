/** `npm run demo`: the main job, on a daemon that ships with the project. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { withDaemon } from 'withdaemon';

const server = fileURLToPath(new URL('../fixtures/well-behaved.mjs', import.meta.url));
const options = { startupCommand: ['node', server], lookFor: /listening on port (?<port>\d+)/ };

console.log('starting a server …');
const pid = await withDaemon(options, async daemon => {
	console.log(`${daemon.name} is ready: pid ${daemon.pid}, port ${daemon.captures['port']}, log ${daemon.log.path}`);
	const greeting = await text(connect(Number(daemon.captures['port']), '127.0.0.1'));
	console.log(`it says ${JSON.stringify(greeting)}`);
	return daemon.pid;
});
console.log(`pid ${pid} is gone, and nothing of it is left`);

console.log('\nstarting one that cannot read its configuration …');
const broken = fileURLToPath(new URL('../fixtures/exits-at-once.sh', import.meta.url));
const start = withDaemon({ startupCommand: [broken, '3'], lookFor: 'listening' }, () => {});
await start.catch(error => console.log(error.message));
