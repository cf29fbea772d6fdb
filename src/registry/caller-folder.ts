/**
 * The folders of callers in the registry. The name of a folder identifies its process, so that others see when it has
 * ended.
 */
import { renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../os/errno.ts';
import { randomHex } from '../os/random-hex.ts';
import { identify, isRunning, type ProcessIdentity } from '../process/identity.ts';
import { locateRegistry, REGISTRY } from './folder.ts';
import { descend, type HeldFolder, makeAndDescend, RegistryError, removeWhileEmpty } from './held-folder.ts';
import { type Machine, readMachine } from './host-id.ts';

/** The folder of a caller, which may be dead. */
export interface CallerFolder {
	readonly path: string;
	/** Identifies the caller; a cleaner does not change it. */
	readonly id: string;
	readonly caller: ProcessIdentity;
	/** The process that cleans up after the caller. */
	readonly cleaner: ProcessIdentity | undefined;
	/**
	 * Whether the machine has rebooted since: then all processes of the caller are gone, and others may have their pids.
	 */
	readonly isFromBefore: boolean;
}

/**
 * The path for this process: `HOST.BOOT.NAMESPACE/PID.START.RANDOM`. Each thread has its own, as it may end by itself.
 */
export function nameCallerFolder(registry: string = locateRegistry()): string {
	const name = `${describeProcess(thisProcess())}.${randomHex(4)}`;
	return join(registry, nameOf(readMachine()), name);
}

/**
 * Makes the folder and the levels above it.
 *
 * @throws {@link RegistryError}, or a system error.
 */
export function makeCallerFolder(path: string): HeldFolder {
	return makeAndDescend(...split(path));
}

/** @throws {@link RegistryError} if another user could have written there; ENOENT. */
export function openCallerFolder(path: string): HeldFolder {
	return descend(...split(path));
}

/** Removes the folder, and each level above it that is empty then. */
export function removeCallerFolder(path: string): void {
	const machine = dirname(path);
	within(machine, folder => rmSync(folder.path(basename(path)), { recursive: true, force: true }));
	removeWhileEmpty([machine, dirname(machine)]);
}

/**
 * Claims a folder, to clean up. rename(2) lets only one process succeed; all others get undefined.
 *
 * @throws {@link RegistryError} if another user could have written there.
 */
export function claim(path: string): CallerFolder | undefined {
	const claimed = `${basename(path).replace(/~.*$/, '')}~${describeProcess(thisProcess())}`;
	const machine = dirname(path);
	try {
		within(machine, folder => renameSync(folder.path(basename(path)), folder.path(claimed)));
	} catch (error) {
		if (hasCode(error, 'ENOENT')) return undefined;
		throw error;
	}
	return parseCallerFolder(join(machine, claimed), parseMachine(basename(machine))?.boot !== readMachine().boot);
}

/** The folders of dead callers, but only of those in this container on this host: nothing is known about others. */
export function findDeadCallers(registry: string = locateRegistry()): CallerFolder[] {
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

/** Undefined if the name is not that of a caller's folder. */
function parseCallerFolder(path: string, isFromBefore: boolean): CallerFolder | undefined {
	const [id = '', cleaner] = basename(path).split('~');
	const caller = parseProcess(id);
	return (
		caller && { path, id, caller, cleaner: cleaner === undefined ? undefined : parseProcess(cleaner), isFromBefore }
	);
}

function thisProcess(): ProcessIdentity {
	const identity = identify(process.pid);
	// This process certainly runs.
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

/** ENOENT: the folder has gone meanwhile. A folder that is open to other users counts as empty. */
function list(folder: string): string[] {
	try {
		return within(folder, held => held.list());
	} catch (error) {
		if (error instanceof RegistryError || hasCode(error, 'ENOENT')) return [];
		throw error;
	}
}

/** Acts in a folder of the registry. */
function within<T>(path: string, act: (folder: HeldFolder) => T): T {
	const folder = openCallerFolder(path);
	try {
		return act(folder);
	} finally {
		folder.close();
	}
}

/** Splits a path into the folder above the registry and the levels below that. */
function split(path: string): readonly [parent: string, levels: readonly string[]] {
	const levels: string[] = [];
	let parent = path;
	do {
		levels.unshift(basename(parent));
		parent = dirname(parent);
	} while (levels[0] !== REGISTRY && parent !== dirname(parent));
	return [parent, levels];
}
