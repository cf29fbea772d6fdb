/** The packages in the bench's own `node_modules`, which are there only once the bench has run. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * @template T what is used of it
 * @param {string} name
 * @returns {T}
 */
export const load = name => require(name);

/**
 * Read as a file, as not every package exports it.
 * @param {string} name
 * @returns {string | undefined} undefined if it is not installed
 */
export function versionOf(name) {
	try {
		const path = new URL(`../node_modules/${name}/package.json`, import.meta.url);
		return JSON.parse(readFileSync(path, 'utf8')).version;
	} catch {
		return undefined;
	}
}

/** @param {string} name */
export const missing = name => (versionOf(name) === undefined ? 'not installed' : undefined);

/** @param {string} name */
export const resolvePeer = name => require.resolve(name);
