/** A caller that prints in which turn of its event loop it starts a daemon, calls koffi, and creates processes. */
import { createRequire } from 'node:module';

const build = process.env['WITHDAEMON_TEST_BUILD'];

/** @typedef {(...given: unknown[]) => number} Call */
/** @typedef {(path: string | null) => { func: (prototype: string) => Call }} Load */

let turn = 0;
/** @type {[what: string, turn: number][]} */
const seen = [];
const koffi = /** @type {{ load: Load }} */ (createRequire(`${build}/index.js`)('koffi'));
const { load } = koffi;
koffi.load = path => {
	const libc = load(path);
	seen.push(['load', turn]);
	/** @type {(prototype: string) => Call} */
	const func = prototype => {
		const call = libc.func(prototype);
		if (!prototype.includes(' posix_spawn(')) return call;
		return (...given) => {
			seen.push(['spawn', turn]);
			return call(...given);
		};
	};
	return { func };
};
/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${build}/index.js`);
const count = () => {
	turn += 1;
	setImmediate(count).unref();
};
count();
seen.push(['start', turn]);
await withDaemon({ startupCommand: 'sleep 1000' }, () => {});
console.log(JSON.stringify(seen));
