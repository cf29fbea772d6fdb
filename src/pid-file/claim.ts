/** Reads the claim of a PID file: which process it names, and whether that process can be its daemon. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { withReserve } from '../os/reserve-descriptor.ts';
import { isOwnAncestor, isRunning, type ProcessIdentity } from '../process/identity.ts';
import { isLiving, readProcess, startedAt } from '../process/table.ts';

/** A pid, the user who owns the file, and when it was written. */
export interface Claim {
	readonly pid: number;
	readonly uid: number;
	readonly writtenAt: number;
}

/**
 * `living`: its process runs and may be signalled. `gone`: there is no such process. `doubt`: why the claim is not
 * believed.
 */
export type Verdict = 'living' | 'gone' | { readonly doubt: string };

/** The clocks of the file system and of the process table differ by a tick; ps is only exact to a second. */
const CLOCK_TOLERANCE_MS = process.platform === 'linux' ? 100 : 1500;

/**
 * Undefined if there is no regular file, or no pid in it. If there are more lines, as in PostgreSQL's, the first
 * counts. Owner and content are those of one open file, whatever is renamed meanwhile. O_NONBLOCK: a FIFO must not
 * block the open.
 *
 * @throws a system error if there is a file that cannot be read.
 */
export function readClaim(path: string): Claim | undefined {
	return withReserve(() => {
		let file: number | undefined;
		try {
			// Most paths have no file yet, and a failed open takes longer than this look. What else is there is not opened:
			// for a socket, macOS has an errno that Node has no code for.
			if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
			file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
			const stats = fstatSync(file);
			const content = stats.isFile() ? readFileSync(file, 'latin1') : '';
			if (!/^\s*[1-9]\d*\s*(?:\n|$)/.test(content)) return undefined;
			return { pid: Number.parseInt(content, 10), uid: stats.uid, writtenAt: stats.mtimeMs };
		} catch (error) {
			// ENOENT, ELOOP: it has gone since, or a symlink has taken its place, which is not followed.
			if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
			throw error;
		} finally {
			if (file !== undefined) closeSync(file);
		}
	});
}

/**
 * A stale file may name any process; after a restart of a container it often names the caller or process 1. The owner
 * of the file decides which process is signalled, so only the caller's user and root are trusted.
 *
 * @param launched the process that this library launched and wrote to this file. It is known by its identity, as the
 * file's time means nothing once somebody has set the clock.
 */
export function judge({ pid, uid, writtenAt }: Claim, launched: ProcessIdentity | undefined): Verdict {
	if (pid === process.pid) return { doubt: 'it names the process that asks' };
	if (pid === 1) return { doubt: 'it names process 1, which is not a daemon' };
	if (pid === launched?.pid) return isRunning(launched) ? 'living' : 'gone';
	// A thread is not a process here, although kill(2) would accept its number.
	const facts = readProcess(pid);
	if (facts === undefined || !isLiving(facts)) return 'gone';
	const isOurs = uid === 0 || uid === process.geteuid?.();
	if (!isOurs) return { doubt: `user ${uid} owns it, who is neither root nor the user who asks` };
	if (isOwnAncestor(pid)) return { doubt: `it names process ${pid}, an ancestor of the process that asks` };
	if (startedAt(facts) <= writtenAt + CLOCK_TOLERANCE_MS) return 'living';
	return { doubt: `process ${pid} started after it was written, so the pid was reused` };
}
