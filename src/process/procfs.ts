/** How /proc is read: what is gone is undefined, and what is somebody else's is empty. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { withReserve } from '../os/reserve-descriptor.ts';

export function listPids(): number[] {
	return withReserve(() => readdirSync('/proc'))
		.filter(name => /^\d+$/.test(name))
		.map(Number);
}

/**
 * Why nothing can be learnt from /proc; undefined if all is well. In another pid namespace than the one that /proc was
 * mounted for, its numbers are those of others, and /proc/self is not this process (pid_namespaces(7)).
 */
export function whyBlind(pid = process.pid): string | undefined {
	if (isRefusedByNode()) return "Node's permission model hides it: add `--allow-fs-read=/proc/*` to Node's flags";
	const self = readSelf();
	if (self === String(pid)) return undefined;
	if (self === undefined)
		return 'it is not mounted, or not for this pid namespace: mount it there (`mount -t proc proc /proc`)';
	return `it is of another pid namespace, where this process is ${self} and not ${pid}: mount the right one (\`unshare --mount-proc\`)`;
}

/** Such a refusal has no errno. Without the model there is no `permission`. */
function isRefusedByNode(): boolean {
	const { permission } = process as { permission?: { has(scope: string, path: string): boolean } };
	return permission?.has('fs.read', '/proc/self') === false;
}

function readSelf(): string | undefined {
	try {
		return withReserve(() => readlinkSync('/proc/self'));
	} catch (error) {
		if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
		throw error;
	}
}

/** ENOENT: no such process. ESRCH: it ended between open and read. */
export function isGone(error: unknown): boolean {
	return hasCode(error, 'ENOENT', 'ESRCH');
}

export function readProc(path: string): string | undefined {
	try {
		return withReserve(() => readFileSync(`/proc/${path}`, 'latin1'));
	} catch (error) {
		if (isGone(error)) return undefined;
		throw error;
	}
}

/** Empty for a process of another user, whose descriptors are its own affair. */
export function readLinks(folder: string): string[] {
	// Each by itself, as one may be closed meanwhile: in a look at oneself, the descriptor of that very look.
	return unlessHidden(() => withReserve(() => readdirSync(folder))).flatMap(name =>
		unlessHidden(() => [readlinkSync(`${folder}/${name}`)]),
	);
}

function unlessHidden(look: () => string[]): string[] {
	try {
		return look();
	} catch (error) {
		if (isGone(error) || hasCode(error, 'EACCES', 'EPERM')) return [];
		throw error;
	}
}
