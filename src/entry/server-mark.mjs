/** By what a `Server` is known, also one of another copy of the library. */

export const SERVER = Symbol.for('withdaemon.Server');

/** @typedef {{ readonly name: string, pidFile: unknown, startup(): Promise<unknown> }} StartsAsServer */

/** @param {unknown} value @returns {value is StartsAsServer} */
export function isServer(value) {
	return typeof value === 'object' && value !== null && SERVER in value;
}
