/** All contenders: what each is called, how it knows that a daemon is ready, and what has to be there for it. */
import { fileURLToPath } from 'node:url';
import { findProgram, succeeds } from '../machine.mjs';
import { missing } from './peer.mjs';

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
 * @property {string} [note] what a reader of its row has to know
 */

const file = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const bare = { file: file('bare.mjs') };
const product = { file: file('product.mjs') };
const execa = { file: file('execa.mjs'), missing: () => missing('execa') };
const playwright = {
	...{ file: file('playwright.mjs'), missing: () => missing('playwright') },
	note: 'ends a server by SIGKILL, its default',
};
const ofWaitOn = (/** @type {string} */ name) => ({
	...{ name, exported: name, file: file('wait-on.mjs') },
	missing: () => missing(name),
});
const debian = (/** @type {string} */ name) => ({
	...{ name, file: file('debian.mjs') },
	missing: () => (findProgram(name) ? undefined : 'not installed'),
});

/** Debian's own, as the first in PATH may be another one that knows no package of Debian's. */
const python = ['/usr/bin/python3', 'python3'].find(path => succeeds(path, ['-c', 'import xprocess, py']));

/** @type {Contender} */
export const bareContender = { name: 'bare child_process', by: 'line', ...bare, exported: 'piped' };
/** @type {Contender} */
export const inC = {
	name: 'C, posix_spawn',
	by: 'line',
	command: fixture => [fixture.replace(/fixture$/, 'c-host'), fixture],
};
/** @type {Contender} */
export const execaContender = { name: 'execa', by: 'line', ...execa, exported: 'piped' };
/** @type {Contender} */
export const withDaemon = { name: 'withDaemon', by: 'line', ...product, exported: 'line' };
/** @type {Contender} */
export const withoutNative = { ...withDaemon, name: 'withDaemon, no native layer', env: { WITHDAEMON_FFI: 'off' } };

/** @type {readonly Contender[]} */
export const contenders = [
	inC,
	bareContender,
	{ name: 'bare, fs.watch', by: 'line', ...bare, exported: 'watched' },
	{ name: 'bare, polls every 1 ms', by: 'tcp', ...bare, exported: 'tcpEvery1' },
	{ name: 'bare, polls every 10 ms', by: 'tcp', ...bare, exported: 'tcpEvery10' },
	{ name: 'bare, polls every 10 ms', by: 'http', ...bare, exported: 'httpEvery10' },
	withDaemon,
	{ ...withDaemon, name: 'withDaemon, files on disk', onDisk: true },
	withoutNative,
	{ ...withDaemon, by: 'tcp', exported: 'tcp' },
	{ ...withDaemon, by: 'http', exported: 'http' },
	{ ...withDaemon, by: 'notify', exported: 'notify' },
	execaContender,
	{ name: 'Playwright’s plugin', by: 'line', ...playwright, exported: 'waitsForOutput' },
	{ name: 'Playwright’s plugin', by: 'http', ...playwright, exported: 'waitsForUrl' },
	{ ...ofWaitOn('wait-on'), by: 'tcp' },
	{ ...ofWaitOn('jest-dev-server'), by: 'tcp' },
	{ ...ofWaitOn('start-server-and-test'), by: 'http', note: 'goes on in a process that it starts' },
	{ ...debian('start-stop-daemon'), by: 'notify', exported: 'startStopDaemon' },
	{ ...debian('daemonize'), by: 'line', exported: 'daemonize', note: 'is waited for by hand' },
	{
		name: 'pytest-xprocess',
		by: 'line',
		command: fixture => [python ?? '', file('xprocess-host.py'), fixture],
		missing: () => (python ? undefined : 'not installed'),
	},
];
