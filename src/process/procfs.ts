/** Reads /proc: the answer is undefined for a process that is gone, and empty for one of another user. */
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { withReserve } from '../os/reserve-descriptor.ts';

export function listPids(): number[] {
	return withReserve(() => readdirSync('/proc'))
		.filter(name => /^\d+$/.test(name))
		.map(Number);
}

/**
 * Why /proc cannot be used; undefined if it can. If /proc was mounted for another pid namespace, its numbers are those
 * of other processes, and /proc/self is not this process (pid_namespaces(7)).
 */
export function whyBlind(pid = process.pid): string | undefined {
	if (isRefusedByNode()) return "Node's permission model hides it: add `--allow-fs-read=/proc/*` to Node's flags";
	const self = readSelf();
	if (self === String(pid)) return undefined;
	if (self === undefined)
		return 'it is not mounted, or not for this pid namespace: mount it there (`mount -t proc proc /proc`)';
	const where = `another pid namespace, where this process is ${self} and not ${pid}`;
	return `it belongs to ${where}: mount the right one (\`unshare --mount-proc\`)`;
}

/** A refusal by Node's permission model has no errno. Without that model there is no `process.permission`. */
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

/** ENOENT: there is no such process. ESRCH: it ended between open and read. */
export function isGone(error: unknown): boolean {
	return hasCode(error, 'ENOENT', 'ESRCH');
}

const room = Buffer.alloc(8192);

/**
 * The whole text of a file of /proc, in a third of the time of readFileSync: these files are small and have no size.
 */
export function readWhole(path: string): string {
	const file = openSync(path, 'r');
	try {
		let text = '';
		for (;;) {
			const length = readSync(file, room);
			text += room.toString('latin1', 0, length);
			// A file may be given in parts, and only an empty one is the end.
			if (length === 0) return text;
		}
	} finally {
		closeSync(file);
	}
}

/** Shorter than any line of the tables of sockets. */
const LESS_THAN_LINE = 128;

/**
 * The beginning of a table, up to the first line that `isWanted` refuses. The kernel makes lines until those that are
 * asked for fill the room, so it is asked for one at a time.
 */
export function readHead(path: string, isWanted: (line: string) => boolean): string {
	const file = openSync(path, 'r');
	try {
		let head = '';
		let rest = '';
		for (;;) {
			const length = readSync(file, room, 0, LESS_THAN_LINE, null);
			rest += room.toString('latin1', 0, length);
			if (length === 0) return head;
			for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
				const line = rest.slice(0, end + 1);
				if (!isWanted(line)) return head;
				// Only the rest is searched again: there may be thousands of lines.
				head += line;
				rest = rest.slice(end + 1);
			}
		}
	} finally {
		closeSync(file);
	}
}

export function readProc(path: string, read = readWhole): string | undefined {
	try {
		return withReserve(() => read(`/proc/${path}`));
	} catch (error) {
		if (isGone(error)) return undefined;
		throw error;
	}
}

/** Empty for a process of another user, whose descriptors are hidden. */
export function readLinks(folder: string): string[] {
	// One of them may be closed meanwhile; for this process it is the descriptor that lists the folder.
	return unlessHidden(() => withReserve(() => readdirSync(folder))).flatMap(name =>
		unlessHidden(() => [readlinkSync(`${folder}/${name}`)]),
	);
}

/** Undefined for a process of another user. */
export function readLink(path: string): string | undefined {
	return unlessHidden(() => [readlinkSync(path)])[0];
}

function unlessHidden(look: () => string[]): string[] {
	try {
		return look();
	} catch (error) {
		if (isGone(error) || hasCode(error, 'EACCES', 'EPERM')) return [];
		throw error;
	}
}
