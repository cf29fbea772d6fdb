/** A caller that starts a daemon, prints its processes, and ends in a given way: `dies.mjs END OPTIONS`. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** @type {typeof import('../../src/index.ts')} */
const { notified, startDaemon, withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const [end = '', text = '{}'] = isMainThread ? process.argv.slice(2) : workerData;
/** The only probe in JSON, `{}`, is this one. */
const { ready, ...others } = JSON.parse(text);
const options = { ...others, ...(ready ? { ready: notified() } : {}) };

/** @param {unknown} said */
const say = said => (isMainThread ? console.log(JSON.stringify(said)) : parentPort?.postMessage(said));

/** @param {import('../../src/index.ts').RunningDaemon} daemon */
const describe = ({ pid, dir, log }) => say({ pid, dir, lines: log.lines() });

/** @type {import('../../src/index.ts').RunningDaemon | undefined} */
let daemon;
const wait = () => setInterval(() => {}, 1000);

/** @type {Record<string, () => unknown>} */
const ends = {
	waits: wait,
	'a release': () => daemon?.startup({ exit: true }),
	'process.exit': () => process.exit(3),
	'process.abort': () => process.abort(),
	'an exception that nobody catches': () => {
		throw new RangeError('nobody catches this');
	},
	'an exhausted heap': () => {
		const all = [];
		for (;;) all.push(new Array(1000).fill(all.length));
	},
};

if (isMainThread && end === 'a worker that is terminated') {
	const worker = new Worker(new URL(import.meta.url), { workerData: ['waits', text] });
	say((await once(worker, 'message'))[0]);
	await worker.terminate();
	say('terminated');
	wait();
} else if (end === 'starts') {
	await startDaemon(options);
} else if (end === 'stops') {
	await withDaemon(options, describe);
} else {
	try {
		daemon = await startDaemon(options);
		describe(daemon);
		setImmediate(() => ends[end]?.());
	} catch (error) {
		say({ error: String(error) });
	}
}
