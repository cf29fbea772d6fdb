/** Callers: each has a folder in the registry, whose name says which process it is. Its end is seen from outside. */
import { randomBytes } from 'node:crypto';
import { renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../os/errno.ts';
import { identify, isRunning, type ProcessIdentity } from '../process/identity.ts';
import { locateRegistry, REGISTRY } from './folder.ts';
import { HeldFolder, RegistryError } from './held-folder.ts';
import { type Machine, readMachine } from './host-id.ts';

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

/**
 * Makes the folder, and what it is in.
 *
 * @throws {@link RegistryError}, or a system error.
 */
export function makeCallerFolder(path: string): HeldFolder {
	for (let attempt = 1; ; attempt += 1) {
		try {
			return descend(path, (folder, child) => folder.make(child));
		} catch (error) {
			// The last caller but us has left meanwhile, and closed the registry behind it.
			if (attempt === MOST_ATTEMPTS || !hasCode(error, 'ENOENT')) throw error;
		}
	}
}

/** @throws {@link RegistryError} if anybody else could have written there; ENOENT. */
export function openCallerFolder(path: string): HeldFolder {
	return descend(path, enter);
}

/** Removes the folder, and what held it if there is nobody else. */
export function removeCallerFolder(path: string): void {
	const machine = dirname(path);
	within(machine, folder => rmSync(folder.path(basename(path)), { recursive: true, force: true }));
	for (const empty of [machine, dirname(machine)]) {
		try {
			rmdirSync(empty);
		} catch {
			// ENOTEMPTY: others are there. ENOENT: another one has done it.
			return;
		}
	}
}

/**
 * Takes a folder over, to clean up. Only one can, as rename(2) does it: all others get undefined.
 *
 * @throws {@link RegistryError} if anybody else could have written there.
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

/** ENOENT: gone while it was looked for. What is not ours alone holds nothing for us. */
function list(folder: string): string[] {
	try {
		return within(folder, held => held.list());
	} catch (error) {
		if (error instanceof RegistryError || hasCode(error, 'ENOENT')) return [];
		throw error;
	}
}

const enter = (folder: HeldFolder, child: string) => folder.enter(child);

/** In the registry, or a folder of it: each level is checked, and then held until the next one is. */
function within<T>(path: string, act: (folder: HeldFolder) => T): T {
	const folder = descend(path, enter);
	try {
		return act(folder);
	} finally {
		folder.close();
	}
}

function descend(path: string, step: (folder: HeldFolder, child: string) => HeldFolder): HeldFolder {
	const { parent, levels } = split(path);
	let held = HeldFolder.holdParent(parent);
	for (const child of levels) {
		const above = held;
		try {
			held = step(above, child);
		} finally {
			above.close();
		}
	}
	return held;
}

/** The registry, in what it is, and what is in it. */
function split(path: string): { readonly parent: string; readonly levels: readonly string[] } {
	const levels: string[] = [];
	let parent = path;
	do {
		levels.unshift(basename(parent));
		parent = dirname(parent);
	} while (levels[0] !== REGISTRY && parent !== dirname(parent));
	return { parent, levels };
}
