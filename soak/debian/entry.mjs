/** What is known about one server of Debian, and what all of them need. */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @typedef {object} Place
 * @property {string} folder where it has its files, made once
 * @property {string} program
 * @property {Pick<typeof import('../../src/index.ts'), 'notified' | 'socketOpen'>} library
 *
 * @typedef {object} Entry
 * @property {string} program
 * @property {string} debianPackage
 * @property {string} readyBy as in the options, for the table
 * @property {(place: Place) => import('../../src/index.ts').DaemonOptions} prepare
 * @property {(daemon: import('../../src/index.ts').RunningDaemon) => Promise<string>} ask
 * @property {string} begins how the answer begins
 */

const POSTGRESQL = '/usr/lib/postgresql';
export const isRoot = process.getuid?.() === 0;
export const PORT = "port: 'auto'";
export const LISTEN = "listen: 'auto'";
export const NOTIFIED = 'ready: notified()';

/** Also where Debian puts programs that are not in PATH. @param {string} name */
export function findProgram(name) {
	const versions = existsSync(POSTGRESQL)
		? readdirSync(POSTGRESQL).map(version => join(POSTGRESQL, version, 'bin'))
		: [];
	const folders = ['/usr/sbin', '/usr/bin', ...versions, ...(process.env['PATH'] ?? '').split(delimiter)];
	return folders.map(folder => join(folder, name)).find(existsSync);
}

/**
 * Writes its configuration first, as that contains the port.
 *
 * @param {string} file @param {string[]} lines @param
 * {string[]} command
 */
export const configured = (file, lines, ...command) => [
	...['sh', '-c', 'echo "$1" >"$0"; shift; exec "$@"', file],
	...[lines.join('\n'), ...command],
];

/** Root becomes another user, who gets the folder. @param {string} user @param {string} folder */
export function as(user, folder) {
	if (!isRoot) return [];
	const [uid = '', gid = ''] = ['-u', '-g'].map(option =>
		execFileSync('id', [option, user], { encoding: 'utf8' }).trim(),
	);
	chownSync(folder, Number(uid), Number(gid));
	return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
}
