/** Runs in the daemon's process: finds the export of a module, or the `Server`, that is to be called. */
import { fileURLToPath } from 'node:url';
import { isServer } from './is-server.mjs';

/**
 * @typedef {import('./is-server.mjs').StartsAsServer} StartsAsServer
 * @typedef {import('./channel.cjs').ExportCall} ExportCall
 * @typedef {import('./channel.cjs').ServerCall} ServerCall
 */

/** @param {ExportCall} call @param {readonly unknown[]} args @returns {Promise<() => unknown>} */
export async function findExport({ module, name, pidFile }, args) {
	const exports = await import(module);
	// In CommonJS that was compiled from ES modules, the exports are properties of the default export.
	const value = [exports[name], exports.default?.[name]].find(isCallable) ?? exports[name];
	if (isServer(value)) return starterOf(value, pidFile);
	if (isServer(value?.prototype)) return () => starterOf(new value(...args), pidFile)();
	if (typeof value === 'function') return () => value(...args);
	throw new TypeError(`${describe(module, exports)}, but no function or Server as ${name}`);
}

/** @param {unknown} value */
const isCallable = value => typeof value === 'function' || isServer(value);

/** @param {ServerCall} call @returns {Promise<() => unknown>} */
export async function findServer({ module, name, pidFile }) {
	const exports = await import(module);
	const found = Object.values(exports).find(value => isServer(value) && value.name === name);
	if (found !== undefined) return starterOf(found, pidFile);
	throw new TypeError(`${describe(module, exports)}, but no Server with the name '${name}'`);
}

/** @param {string} module @param {object} exports */
function describe(module, exports) {
	return `${fileURLToPath(module)} exports ${Object.keys(exports).join(', ') || 'nothing'}`;
}

/** @param {StartsAsServer} server @param {import('./channel.cjs').SharedPidFile} pidFile */
function starterOf(server, pidFile) {
	server.pidFile = pidFile.path;
	if (pidFile.mode !== undefined) server.pidFile.mode = pidFile.mode;
	return () => server.startup();
}
