/** Runs in the daemon's process: finds the function, the export or the `Server` to be called. */
import { isServer } from './server-mark.mjs';

/**
 * @typedef {import('./wire.mjs').Call} Call
 * @typedef {import('./server-mark.mjs').StartsAsServer} StartsAsServer
 */

/** @param {Call} call @returns {Promise<() => unknown>} */
export async function find(call) {
	if (call.kind === 'function') {
		const { compile } = await import('./compile.mjs');
		const compiled = compile(call);
		return () => compiled(...call.args);
	}
	const exports = await import(call.module);
	if (call.kind === 'server') return starterOf(findServer(exports, call), call.pidFile);
	const { name, args, pidFile } = call;
	const value = exports[name];
	if (isServer(value)) return starterOf(value, pidFile);
	if (isServer(value?.prototype)) return () => starterOf(new value(...args), pidFile)();
	if (typeof value === 'function') return () => value(...args);
	throw new TypeError(`${describe(call.module, exports)}, and so no function or Server as ${name}`);
}

/** @param {Record<string, unknown>} exports @param {{ readonly module: string, readonly name: string }} call */
function findServer(exports, { module, name }) {
	const found = Object.values(exports).find(value => isServer(value) && value.name === name);
	if (isServer(found)) return found;
	throw new TypeError(`${describe(module, exports)}, and so no Server that is called '${name}'`);
}

/** @param {string} module @param {object} exports */
function describe(module, exports) {
	return `${module} exports ${Object.keys(exports).join(', ') || 'nothing'}`;
}

/** @param {StartsAsServer} server @param {string} pidFile */
function starterOf(server, pidFile) {
	server.pidFile = pidFile;
	return () => server.startup();
}
