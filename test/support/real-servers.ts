/** The real servers: found where this machine has them, talked to from outside, and looked for when they should be gone. */
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
 * The tests of a server, which are given the paths of its programs. Where one is missing they are skipped, and the name
 * says why; but in CI, where nobody reads that, they fail.
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

/** Where Debian puts what is not for everybody's PATH. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];
const POSTGRESQL = '/usr/lib/postgresql';

function findProgram(name: string): string | undefined {
	const versions = existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL) : [];
	const newestFirst = versions.sort((a, b) => Number(b) - Number(a)).map(version => join(POSTGRESQL, version, 'bin'));
	// Before PATH, where Debian's psql is a Perl script that looks for the cluster of the system.
	const folders = [...newestFirst, ...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
	return folders.map(folder => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** What a server answers to this, until it hangs up: the request has to end with the protocol's own goodbye. */
export async function ask(address: NetConnectOpts, request: string): Promise<string> {
	const socket = connect(address);
	socket.write(request);
	return await text(socket);
}

/** For what a server does in its own time: a second, vitest's default, is short on a machine that is busy. */
export const PATIENTLY = { timeout: 20_000 };

/** What has to be gone after a server. */
export interface Traces {
	readonly address: NetConnectOpts;
	readonly dir: string;
	readonly pidFile: string;
	readonly children: readonly number[];
	readonly pid: number;
}

/** To be noted while the server runs: then all of it is there, but for children that serve one client and end. */
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

/** Workers, backends: what a server has forked. They cannot be told by their environment, which setproctitle overwrites. */
export function childrenOf(parent: number): number[] {
	const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
	const rows = stdout.split('\n').map(line => line.trim().split(/\s+/).map(Number));
	return rows.filter(([, ppid]) => ppid === parent).map(([pid = 0]) => pid);
}
