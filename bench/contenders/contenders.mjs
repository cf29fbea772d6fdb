/** All contenders: what each is called, how it knows that a daemon is ready, and what has to be there for it. */
import { fileURLToPath } from 'node:url';

/**
 * @typedef {'line' | 'tcp' | 'http' | 'notify'} Kind
 * @typedef {object} Contender
 * @property {string} name
 * @property {Kind} by
 * @property {string} [file] a module for `host.mjs`, with what it exports
 * @property {string} [exported]
 * @property {(fixture: string) => string[]} [command] a host of its own
 * @property {Record<string, string>} [env]
 * @property {boolean} [onDisk] whether its files are on disk, and not in memory
 * @property {() => string | undefined} [missing] what is not installed
 */

const file = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const bare = { file: file('bare.mjs') };
const product = { file: file('product.mjs') };

/** @type {readonly Contender[]} */
export const contenders = [
	{ name: 'C, posix_spawn', by: 'line', command: fixture => [fixture.replace(/fixture$/, 'c-host'), fixture] },
	{ name: 'bare child_process', by: 'line', ...bare, exported: 'piped' },
	{ name: 'bare, fs.watch', by: 'line', ...bare, exported: 'watched' },
	{ name: 'bare, polls every 1 ms', by: 'tcp', ...bare, exported: 'tcpEvery1' },
	{ name: 'bare, polls every 10 ms', by: 'tcp', ...bare, exported: 'tcpEvery10' },
	{ name: 'bare, polls every 10 ms', by: 'http', ...bare, exported: 'httpEvery10' },
	{ name: 'withDaemon', by: 'line', ...product, exported: 'line' },
	{ name: 'withDaemon, files on disk', by: 'line', ...product, exported: 'line', onDisk: true },
	{ name: 'withDaemon, no native layer', by: 'line', ...product, exported: 'line', env: { WITHDAEMON_FFI: 'off' } },
	{ name: 'withDaemon', by: 'tcp', ...product, exported: 'tcp' },
	{ name: 'withDaemon', by: 'http', ...product, exported: 'http' },
];
