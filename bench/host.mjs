/**
 * The process in which a contender works: `host.mjs FILE NAME SIZE_MB PACKAGE FIXTURE KIND`. It takes one request a
 * line on descriptor 3, `DAEMONS DELAY_MS STAMPS PORT CROWD WATCHED`, and answers with a line of JSON. It stays warm
 * between requests, and is as big as asked.
 */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { now } from './clock.mjs';
import { gather } from './crowd.mjs';

/**
 * @typedef {object} Daemon what a contender starts
 * @property {string} file
 * @property {string[]} args
 * @property {string} command the same for a shell
 * @property {number} port on which it listens, if it does
 * @property {string} name unlike those of the others that run at the same time
 * @property {string} stamps the file in which it says when it did what
 *
 * @typedef {object} Stay told if the contender knows better than its caller when the daemon was ready and asked to end
 * @property {number} ready
 * @property {number} stop
 *
 * @typedef {(daemon: Daemon, inUse: (stay?: Stay) => Promise<void>) => Promise<void>} Cycle
 * starts the daemon, calls `inUse` when it knows that the daemon is ready, stops it, and resolves when it knows that
 * the daemon is gone
 *
 * @typedef {object} Answer in nanoseconds
 * @property {number} began
 * @property {number} ready when the last daemon was known to be ready
 * @property {number} stop when the first one was asked to end
 * @property {number} gone
 * @property {number} cpu the milliseconds of processor time from `began` to `ready`
 * @property {number} rss in MB
 * @property {number} [block] the longest time in which the event loop did nothing else
 */

const [, , file = '', exported = '', sizeMb = '0', packageFolder = '', fixture = '', kind = ''] = process.argv;
const contender = await import(pathToFileURL(file).href);
/** @type {Cycle} */
const cycle = contender.prepare ? await contender.prepare(exported, packageFolder) : contender[exported];

const rssMb = () => process.memoryUsage.rss() / 1e6;
const ballast = Buffer.alloc(Math.max(0, Number(sizeMb) - rssMb()) * 1e6, 1);
const channel = new Socket({ fd: 3 });
const say = (/** @type {object} */ answer) => channel.write(`${JSON.stringify(answer)}\n`);
let cycles = 0;

/**
 * @param {string[]} request
 * @returns {Promise<Answer>}
 */
async function answer([count = '1', delay = '0', stamps = '', port = '0', crowd = '0', watched = '']) {
	const args = [stamps, kind, delay, port];
	const daemons = Array.from({ length: Number(count) }, () => ({
		file: fixture,
		args,
		command: [fixture, ...args].join(' '),
		port: Number(port),
		name: `daemon-${++cycles}`,
		stamps,
	}));
	const loop = watched === 'watched' ? watchLoop() : undefined;
	const times = { began: 0, ready: 0, stop: 0, gone: 0, cpu: 0, rss: 0 };
	/** @type {(() => Promise<void>) | undefined} */
	let disperse;
	const all = meeting(daemons.length);
	const before = process.cpuUsage();
	times.began = now();
	const inUse = async (/** @type {Stay | undefined} */ stay) => {
		times.ready = stay?.ready ?? now();
		await all();
		if (times.stop > 0) return;
		const used = process.cpuUsage(before);
		times.cpu = (used.user + used.system) / 1000;
		times.rss = rssMb();
		if (Number(crowd) > 0) disperse = await gather(dirname(fixture), Number(crowd));
		times.stop = stay?.stop ?? now();
	};
	await Promise.all(daemons.map(daemon => cycle(daemon, inUse)));
	times.gone = now();
	await disperse?.();
	return loop ? { ...times, block: await loop() } : times;
}

/** @returns {() => Promise<void> | undefined} a function whose promise resolves when it was called `count` times */
function meeting(count = 1) {
	/** @type {() => void} */
	let open = () => {};
	const opened = new Promise(resolve => {
		open = () => resolve(undefined);
	});
	let there = 0;
	return () => {
		there += 1;
		if (there === count) open();
		return count === 1 ? undefined : opened;
	};
}

/** Each turn of the loop is noted: the longest one is the time in which nobody else was served. */
function watchLoop() {
	let longest = 0;
	let last = now();
	let isOn = true;
	const turn = () => {
		const time = now();
		longest = Math.max(longest, time - last);
		last = time;
		if (isOn) setImmediate(turn);
	};
	setImmediate(turn);
	return async () => {
		isOn = false;
		await new Promise(resolve => setImmediate(resolve));
		return longest;
	};
}

say({ rss: rssMb(), ballast: ballast.length });
createInterface({ input: channel }).on('line', async line => {
	try {
		say(await answer(line.split(' ')));
	} catch (error) {
		say({ error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
	}
});
await once(channel, 'end');
process.exit();
