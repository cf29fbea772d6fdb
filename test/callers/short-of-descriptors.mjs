/** A caller that has 0, 1, 2, … descriptors left when it starts or stops a daemon. It prints each result. */
import { closeSync, openSync, readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
/** The registry stays as long as the caller. @param {string} folder */
const pathsLeft = folder => readdirSync(folder).filter(name => name !== `withdaemon-${process.getuid?.()}`);

const [when = '', most = '0', command = ''] = process.argv.slice(2);
/** @type {import('../../src/index.ts').DaemonOptions} */
const options = {
	startupCommand: [command],
	lookFor: 'ready',
	ready: [],
	timeout: 5000,
	port: 'auto',
	env: { PORT: '{port}' },
};

/** @type {number[]} */
const taken = [];
const release = () => taken.splice(0).map(closeSync);
/** @param {number} free */
function takeAllBut(free) {
	try {
		for (;;) taken.push(openSync('/dev/null', 'r'));
	} catch {
		taken.splice(0, free).map(closeSync);
	}
}
// The first one may load code that stays, and it starts the reaper.
if (when !== 'first') await withDaemon(options, () => {});
const outcomes = [];
for (let free = 0; free <= Number(most); free++) {
	if (when !== 'stop') takeAllBut(free);
	const run = withDaemon(options, () => (when === 'stop' ? takeAllBut(free) : undefined));
	let message = '';
	const outcome = await run.then(
		() => 'fine',
		error => {
			message = error.message.split('\n')[0];
			return `${error.name}: ${error.cause?.code ?? error.message}`;
		},
	);
	release();
	// Node closes some in the next turn of the event loop.
	await nextTurn();
	const descriptors = readdirSync('/proc/self/fd').length;
	outcomes.push({ free, outcome, message, left: pathsLeft(process.env['TMPDIR'] ?? ''), descriptors });
}
console.log(JSON.stringify(outcomes));
