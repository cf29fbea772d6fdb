/** Callers: each has a folder in the registry, whose name says which process it is. Its end is seen from outside. */
import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../process/errno.ts';
import { identify, isRunning, type ProcessIdentity } from '../process/identity.ts';
import { type Machine, readMachine } from '../process/machine.ts';
import { locateRegistry, makePrivateFolder, makeRegistry } from './folder.ts';

/** A folder of a caller, which may belong to another run, living or dead. */
export interface CallerFolder {
	readonly path: string;
	/** The same whoever cleans up. */
	readonly id: string;
	readonly caller: ProcessIdentity;
	/** Who cleans up after it. */
	readonly cleaner: ProcessIdentity | undefined;
	/** Whether the machine has started anew since: then all of its processes are gone, whoever has their pids now. */
	readonly isFromBefore: boolean;
}

/** For this process: `HOST.BOOT.NAMESPACE/PID.START.RANDOM`. Threads have one each, as they may end by themselves. */
export function nameCallerFolder(): string {
	const name = `${describeProcess(thisProcess())}.${randomBytes(4).toString('hex')}`;
	return join(locateRegistry(), nameOf(readMachine()), name);
}

/** Others may close the registry so often in a row. */
const MOST_ATTEMPTS = 100;

/** @throws {@link RegistryError}, or a system error. */
export function makeCallerFolder(path: string): void {
	for (let attempt = 1; ; attempt += 1) {
		try {
			makeRegistry(dirname(dirname(path)));
			makePrivateFolder(dirname(path));
			makePrivateFolder(path);
			return;
		} catch (error) {
			// The last caller but us has left meanwhile, and closed the registry behind it.
			if (attempt === MOST_ATTEMPTS || !hasCode(error, 'ENOENT')) throw error;
		}
	}
}

/** Removes the folder, and what held it if there is nobody else. */
export function removeCallerFolder(path: string): void {
	rmSync(path, { recursive: true, force: true });
	for (const parent of [dirname(path), dirname(dirname(path))]) {
		try {
			rmdirSync(parent);
		} catch {
			// ENOTEMPTY: others are there. ENOENT: another one has done it.
			return;
		}
	}
}

/** Takes a folder over, to clean up. Only one can, as rename(2) does it: all others get undefined. */
export function claim(path: string): CallerFolder | undefined {
	const claimed = join(dirname(path), `${basename(path).replace(/~.*$/, '')}~${describeProcess(thisProcess())}`);
	try {
		renameSync(path, claimed);
		return parseCallerFolder(claimed, parseMachine(basename(dirname(path)))?.boot !== readMachine().boot);
	} catch (error) {
		if (hasCode(error, 'ENOENT')) return undefined;
		throw error;
	}
}

/** The folders of callers that are dead, as far as that can be known here: not those in other containers or on other hosts. */
export function findDeadCallers(): CallerFolder[] {
	const registry = locateRegistry();
	const here = readMachine();
	const found: CallerFolder[] = [];
	for (const name of list(registry)) {
		const machine = parseMachine(name);
		if (machine?.host !== here.host) continue;
		const isFromBefore = machine.boot !== here.boot;
		if (!isFromBefore && machine.namespace !== here.namespace) continue;
		for (const entry of list(join(registry, name))) {
			const folder = parseCallerFolder(join(registry, name, entry), isFromBefore);
			if (folder && (isFromBefore || !isRunning(folder.caller))) found.push(folder);
		}
	}
	return found;
}

/** Undefined for what is no folder of a caller. */
function parseCallerFolder(path: string, isFromBefore: boolean): CallerFolder | undefined {
	const [id = '', cleaner] = basename(path).split('~');
	const caller = parseProcess(id);
	return (
		caller && { path, id, caller, cleaner: cleaner === undefined ? undefined : parseProcess(cleaner), isFromBefore }
	);
}

function thisProcess(): ProcessIdentity {
	const identity = identify(process.pid);
	// It runs, as it asks.
	return identity ?? { pid: process.pid, startTime: '' };
}

// On macOS a start time is a date with spaces and colons.
const describeProcess = ({ pid, startTime }: ProcessIdentity) => `${pid}.${encodeURIComponent(startTime)}`;

function parseProcess(text: string): ProcessIdentity | undefined {
	const [, pid, startTime = ''] = /^(\d+)\.([^.]+)/.exec(text) ?? [];
	return pid === undefined ? undefined : { pid: Number(pid), startTime: decodeURIComponent(startTime) };
}

const nameOf = ({ host, boot, namespace }: Machine) => `${encodeURIComponent(host)}.${boot}.${namespace}`;

/** Hosts have dots in their names. */
function parseMachine(name: string): Machine | undefined {
	const [, host = '', boot = '', namespace = ''] = /^(.*)\.([^.]*)\.([^.]*)$/.exec(name) ?? [];
	return host === '' ? undefined : { host: decodeURIComponent(host), boot, namespace };
}

/** ENOENT: gone while it was looked for. ENOTDIR: no folder of ours. */
function list(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch (error) {
		if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
		throw error;
	}
}
