/**
 * A caller that leases ports of a range, prints them, and keeps them until its stdin ends: two by itself, or two in
 * each of four threads or workers of a cluster. A line on its stdin ends the threads, but not the caller. Its first
 * argument is the module of leases.
 */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const [module = '', how = '', first = '', last = ''] = process.argv.slice(2);
/** @type {typeof import('../../src/ports/lease.ts')} */
const { leasePort } = createRequire(import.meta.url)(module);
const { signal } = new AbortController();
const take = async () => {
	const ranges = [{ first: Number(first), last: Number(last) }];
	const leases = await Promise.all([leasePort(signal, ranges), leasePort(signal, ranges)]);
	return leases.map(({ port }) => port);
};
const four = (/** @type {() => import('node:events').EventEmitter} */ start) => Array.from({ length: 4 }, start);

if (!isMainThread) {
	parentPort?.on('message', () => {});
	parentPort?.postMessage(await take());
} else if (cluster.isWorker) process.send?.(await take());
else {
	const threads =
		how === 'threads' ? four(() => new Worker(new URL(import.meta.url), { argv: [module, how, first, last] })) : [];
	const workers = how === 'cluster' ? four(() => cluster.fork()) : threads;
	const taken =
		how === 'alone'
			? [await take()]
			: await Promise.all(workers.map(async worker => (await once(worker, 'message'))[0]));
	console.log(JSON.stringify(taken.flat()));
	process.stdin.once('data', async () => {
		await Promise.all(threads.map(thread => thread instanceof Worker && thread.terminate()));
		console.log('terminated');
	});
	process.stdin.once('end', () => process.exit());
}
