/** Recognises a `Server`, even one of another copy of the library. */

export const SERVER = Symbol.for('withdaemon.Server');

/**
 * `pidFile` can be assigned a path, and is read as an object with a mode.
 *
 * @typedef {{
 *   readonly name: string,
 *   get pidFile(): { mode: number },
 *   set pidFile(path: string | object),
 *   startup(): Promise<unknown>,
 * }} StartsAsServer
 */

/** @param {unknown} value @returns {value is StartsAsServer} */
export function isServer(value) {
	return typeof value === 'object' && value !== null && SERVER in value;
}
