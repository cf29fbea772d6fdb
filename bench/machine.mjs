/** Says on what was measured: the machine, its Node, and the versions of all contenders. */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { versionOf } from './contenders/peer.mjs';

/** @returns {string | undefined} the path of a program, also in the folders for administrators */
export function findProgram(/** @type {string} */ name) {
	const folders = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`.split(':');
	return folders.map(folder => join(folder, name)).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/**
 * @param {import('./bench.mjs').Bench} bench
 * @returns {Record<string, string>}
 */
export function describeMachine(bench) {
	const [processor] = cpus();
	return {
		date: new Date().toISOString().slice(0, 16).replace('T', ' '),
		system: `${distribution()}, Linux ${release()}`,
		processors: `${cpus().length} × ${processor?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB of memory`,
		withdaemon: ownVersion(bench),
		Node: process.version,
		'from npm': listVersions(PEERS, versionOf),
		'from Debian': listVersions(DEBIAN, debianVersionOf),
		libc: firstLineOf('ldd', ['--version']),
		compiler: firstLineOf(bench.compiler, ['--version']),
		'files in memory': fileSystemOf(bench.memory),
		'files on disk': fileSystemOf(bench.disk),
		rounds: bench.givenRounds ?? (bench.isQuick ? 'few, as with `--quick`: an impression only' : 'all'),
		scheduling: bench.isRealTime ? '`chrt -r 1` for caller, launcher and daemon alike' : 'the usual',
		'descriptors ≥ 10 that the shell had leaked': `${bench.leaked}, closed before the contenders started`,
	};
}

const PEERS = ['execa', '@playwright/test', 'start-server-and-test', 'wait-on', 'jest-dev-server'];
const DEBIAN = ['dpkg', 'daemonize', 'python3-pytest-xprocess', 'grep', 'ripgrep', 'dash'];

/** @param {readonly string[]} names @param {(name: string) => string | undefined} find */
const listVersions = (names, find) => names.map(name => `${name} ${find(name) ?? 'not installed'}`).join(', ');

/** @param {string} name */
const debianVersionOf = name => firstLineOf('dpkg-query', ['--show', '--showformat=${Version}', name]) || undefined;

/** @param {import('./bench.mjs').Bench} bench */
function ownVersion({ packageFolder }) {
	const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
	const commit = firstLineOf('git', ['-C', packageFolder, 'rev-parse', '--short', 'HEAD']);
	return commit ? `${version}, commit ${commit}` : String(version);
}

function distribution() {
	const names = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
	return /^PRETTY_NAME="?([^"\n]*)/m.exec(names)?.[1] ?? 'unknown';
}

/** @param {string} program @param {string[]} args */
export function firstLineOf(program, args) {
	try {
		return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\n', 1)[0] ?? '';
	} catch {
		return '';
	}
}

/** The usual ones of statfs(2). */
const FILE_SYSTEMS = new Map([
	[0x01021994, 'tmpfs'],
	[0xef53, 'ext4'],
	[0x58465342, 'xfs'],
	[0x9123683e, 'btrfs'],
	[0x794c7630, 'overlay'],
]);

/** @param {string} path */
function fileSystemOf(path) {
	const { type } = statfsSync(path);
	return FILE_SYSTEMS.get(type) ?? `type 0x${type.toString(16)}`;
}

/**
 * Closes what a shell has leaked: a launcher in `sh` has to take care of each. They are those without FD_CLOEXEC,
 * 02000000 in /proc/PID/fdinfo, as Node itself opens all with it.
 * @returns {number} how many there were
 */
export function closeLeaked() {
	const isLeaked = (/** @type {number} */ descriptor) => {
		const path = `/proc/self/fdinfo/${descriptor}`;
		const flags = existsSync(path) ? /^flags:\s*([0-7]+)/m.exec(readFileSync(path, 'latin1'))?.[1] : undefined;
		return flags !== undefined && (Number.parseInt(flags, 8) & 0o2000000) === 0;
	};
	const leaked = readdirSync('/proc/self/fd')
		.map(Number)
		.filter(descriptor => descriptor >= 10 && isLeaked(descriptor));
	for (const descriptor of leaked) closeSync(descriptor);
	return leaked.length;
}

/** @param {string} program @param {string[]} args */
export function succeeds(program, args) {
	return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
