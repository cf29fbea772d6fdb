/** The product, with and without its native layer: `withDaemon` with its defaults. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {import('../host.mjs').Cycle} Cycle
 * @typedef {import('../host.mjs').Daemon} Daemon
 */

/**
 * @param {string} exported the kind of readiness
 * @param {string} packageFolder where the build is
 * @returns {Promise<Cycle>}
 */
export async function prepare(exported, packageFolder) {
	const entry = pathToFileURL(join(packageFolder, 'dist/index.js')).href;
	/** @type {typeof import('withdaemon')} */
	const { notified, withDaemon } = await import(entry);
	/** @type {Record<string, (daemon: Daemon) => import('withdaemon').DaemonOptions>} */
	const kinds = {
		line: ({ file, args }) => ({ startupCommand: [file, ...args], lookFor: 'ready' }),
		tcp: ({ file, args, port }) => ({ startupCommand: [file, ...args], port }),
		http: ({ file, args, port }) => ({ startupCommand: [file, ...args], ready: `http://127.0.0.1:${port}/` }),
		notify: ({ file, args }) => ({ startupCommand: [file, ...args], ready: notified() }),
	};
	const optionsOf = kinds[exported];
	if (!optionsOf) throw new Error(`no such kind of readiness: ${exported}`);
	return (daemon, inUse) => withDaemon(optionsOf(daemon), () => inUse());
}
