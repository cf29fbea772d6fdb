/** Real servers: finds them on this machine, talks to them from outside, and checks that they are gone. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect } from 'vitest';
import { PidFile, type RunningDaemon } from '../../src/index.ts';
import { isGone } from './processes.ts';

/**
 * The tests of a server, which get the paths of its programs. If a program is missing, the tests are skipped and their
 * name says why. In CI, where nobody reads that, they fail.
 */
export function describeServer<P extends string>(
	server: string,
	programs: readonly P[],
	tests: (paths: Readonly<Record<P, string>>) => void,
): void {
	const missing = programs.filter(program => findProgram(program) === undefined);
	const title = missing.length === 0 ? server : `${server} (${missing.join(', ')} is not installed)`;
	const paths = Object.fromEntries(programs.map(program => [program, findProgram(program) ?? program]));
	describe.skipIf(missing.length > 0 && !process.env['CI'])(title, () => {
		if (missing.length > 0)
			beforeAll(() => {
				throw new Error(`${title}, and in CI nothing is skipped: .ci/run installs it`);
			});
		tests(paths as Record<P, string>);
	});
}

/** Where Debian puts programs that are not in PATH. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];
const POSTGRESQL = '/usr/lib/postgresql';

export function findProgram(name: string): string | undefined {
	const versions = existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL) : [];
	const newestFirst = versions.sort((a, b) => Number(b) - Number(a)).map(version => join(POSTGRESQL, version, 'bin'));
	// This folder comes before PATH: Debian's psql in PATH is a Perl script that looks for the system's cluster.
	const folders = [...newestFirst, ...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
	return [...folders.map(folder => join(folder, name)), ...withVersion(name)].find(isExecutable);
}

/** Debian's names of some programs have their version, as in `php-fpm8.2`. */
function withVersion(name: string): string[] {
	const isMeant = (file: string) => file.startsWith(name) && /^[\d.]+$/.test(file.slice(name.length));
	return SYSTEM_FOLDERS.filter(existsSync).flatMap(folder =>
		readdirSync(folder)
			.filter(isMeant)
			.map(file => join(folder, file)),
	);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** Sends a request that ends with the protocol's goodbye, and returns the answer up to the end of the connection. */
export async function ask(address: NetConnectOpts, request: string): Promise<string> {
	const socket = connect(address);
	socket.write(request);
	return await text(socket);
}

/** How long to wait for a server: vitest's default of a second is short on a busy machine. */
export const PATIENTLY = { timeout: 60_000 };

/** What must be gone after a server has ended. */
export interface Traces {
	readonly address: NetConnectOpts;
	readonly dir: string;
	readonly pidFile: string;
	readonly children: readonly number[];
	readonly pid: number;
}

/** Call this while the server runs: then everything exists except children that serve one client. */
export async function tracesOf({ pid, dir, pidFile }: RunningDaemon, address: NetConnectOpts): Promise<Traces> {
	const children = childrenOf(pid);
	expect(isGone(pid)).toBe(false);
	const path = pidFile instanceof PidFile ? pidFile.filename : pidFile;
	expect([path, dir].filter(file => !existsSync(file))).toEqual([]);
	await connectTo(address);
	return { address, dir, pidFile: path, children, pid };
}

export async function expectGone({ address, dir, pidFile, children, pid }: Traces): Promise<void> {
	expect([pid, ...children].filter(process => !isGone(process))).toEqual([]);
	expect([pidFile, dir].filter(existsSync)).toEqual([]);
	await expect(connectTo(address)).rejects.toThrow(/ECONNREFUSED|ENOENT/);
}

async function connectTo(address: NetConnectOpts): Promise<void> {
	const socket = connect(address);
	await once(socket, 'connect');
	socket.destroy();
}

/** The processes that a server has forked. setproctitle overwrites their environment, so it does not identify them. */
export function childrenOf(parent: number): number[] {
	const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
	const rows = stdout.split('\n').map(line => line.trim().split(/\s+/).map(Number));
	return rows.filter(([, ppid]) => ppid === parent).map(([pid = 0]) => pid);
}
