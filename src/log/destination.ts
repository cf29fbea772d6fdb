/** Finds out where the path of a log leads: a device or a pipe, for example, cannot be read like a file. */
import { fstatSync, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { withRealFolder } from '../os/real-folder.ts';

export type LogDestination =
	/** A file, which may not exist yet; `path` does not end in a symlink. */
	| { readonly kind: 'file' | 'device' | 'named pipe'; readonly path: string }
	/** One of the caller's own descriptors, such as /dev/stderr. */
	| { readonly kind: 'stream'; readonly descriptor: number }
	| { readonly kind: 'unusable'; readonly why: string };

/** Linux gives up after 40, path_resolution(7). */
const MOST_LINKS = 40;
const OTHERS_MAY_WRITE = 0o022;

/**
 * Follows a symlink at the end of the path only if nobody else can have put it there. A path without access counts as a
 * file.
 */
export function locateLog(given: string): LogDestination {
	let path = withRealFolder(given);
	for (let links = 0; links <= MOST_LINKS; links++) {
		const stream = streamAt(path);
		if (stream) return stream;
		const stats = lookAt(path);
		if (!stats?.isSymbolicLink()) return classify(path, stats);
		if (!isOurs(stats)) return { kind: 'unusable', why: `is a symlink that another user made` };
		const folder = dirname(path);
		const { mode = 0, ...owner } = lookAt(folder) ?? {};
		if (!isOurs(owner) || mode & OTHERS_MAY_WRITE)
			return { kind: 'unusable', why: `is a symlink in ${folder}, to which others can write` };
		path = withRealFolder(resolve(folder, readlinkSync(path)));
	}
	return { kind: 'unusable', why: 'is a symlink that leads to itself' };
}

/** In /proc a symlink to a pipe or a socket leads to no path; it stands for the descriptor itself (proc_pid_fd(5)). */
function streamAt(path: string): LogDestination | undefined {
	const [, pid, number] = /^\/(?:proc\/(\d+)|dev)\/fd\/(\d+)$/.exec(path) ?? [];
	if (number === undefined || (pid !== undefined && Number(pid) !== process.pid)) return undefined;
	try {
		fstatSync(Number(number));
		return { kind: 'stream', descriptor: Number(number) };
	} catch {
		return { kind: 'unusable', why: 'is a descriptor that is closed' };
	}
}

function lookAt(path: string): Stats | undefined {
	try {
		return lstatSync(path, { throwIfNoEntry: false });
	} catch {
		// EACCES, ENOTDIR: opening the log will report it.
		return undefined;
	}
}

const isOurs = ({ uid }: { readonly uid?: number | undefined }) => uid === 0 || uid === process.getuid?.();

function classify(path: string, stats: Stats | undefined): LogDestination {
	if (stats === undefined || stats.isFile()) return { kind: 'file', path };
	if (stats.isFIFO()) return { kind: 'named pipe', path };
	if (stats.isCharacterDevice()) return { kind: 'device', path };
	const what = stats.isDirectory() ? 'folder' : stats.isSocket() ? 'socket' : 'disk';
	return { kind: 'unusable', why: `is a ${what}` };
}
