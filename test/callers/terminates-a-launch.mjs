/** A caller that terminates a worker thread at the moment when libc has created a launcher, and prints the launcher's state. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const build = process.env['WITHDAEMON_TEST_BUILD'];

/** @typedef {(pid: Buffer, ...others: unknown[]) => number} Call */
/** @typedef {(path: string | null) => { func: (prototype: string) => Call }} Load */

/** @param {number} pid @returns {string} */
function stateOf(pid) {
	try {
		return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '';
	} catch {
		return 'gone';
	}
}

if (isMainThread) {
	const worker = new Worker(new URL(import.meta.url));
	worker.once('message', async pid => {
		await worker.terminate();
		while (!['Z', 'gone'].includes(stateOf(pid))) await new Promise(resolve => setTimeout(resolve, 1));
		console.log('ended');
	});
} else {
	const koffi = /** @type {{ load: Load }} */ (createRequire(`${build}/index.js`)('koffi'));
	const { load } = koffi;
	koffi.load = path => {
		const libc = load(path);
		/** @type {(prototype: string) => Call} */
		const func = prototype => {
			const call = libc.func(prototype);
			if (!prototype.includes(' posix_spawn(')) return call;
			return (pid, ...others) => {
				const errno = call(pid, ...others);
				parentPort?.postMessage(pid.readInt32LE(0));
				Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
				return errno;
			};
		};
		return { func };
	};
	/** @type {typeof import('../../src/index.ts')} */
	const { withDaemon } = await import(`${build}/index.js`);
	await withDaemon({ startupCommand: 'sleep 1000' }, () => {});
}
