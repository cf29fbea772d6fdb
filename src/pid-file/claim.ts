/** What a PID file claims: which process it names, and whether that may be taken for its daemon. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';
import { withReserve } from '../os/reserve-descriptor.ts';
import { isRunning, type ProcessIdentity } from '../process/identity.ts';
import { isLiving, readProcess, startedAt } from '../process/table.ts';

/** A pid, who has written it, and when. */
export interface Claim {
	readonly pid: number;
	readonly uid: number;
	readonly writtenAt: number;
}

/** `living`: its process runs, and may be signalled. `gone`: there is none. Otherwise the reason why it is not believed. */
export type Verdict = 'living' | 'gone' | { readonly doubt: string };

/** The clock of the file system and that of the process table differ by a tick or, where ps is asked, by a second. */
const CLOCK_TOLERANCE_MS = process.platform === 'linux' ? 100 : 1500;

/**
 * Undefined if there is no regular file, or no pid in it. Of more lines, as PostgreSQL writes, the first counts. Owner and
 * content are those of one open file, whatever is renamed meanwhile. O_NONBLOCK: a FIFO without a writer does not block.
 *
 * @throws a system error if there is a file that cannot be read.
 */
export function readClaim(path: string): Claim | undefined {
	return withReserve(() => {
		let file: number | undefined;
		try {
			file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
			const stats = fstatSync(file);
			const content = stats.isFile() ? readFileSync(file, 'latin1') : '';
			if (!/^\s*[1-9]\d*\s*(?:\n|$)/.test(content)) return undefined;
			return { pid: Number.parseInt(content, 10), uid: stats.uid, writtenAt: stats.mtimeMs };
		} catch (error) {
			// ELOOP: a symlink, which is not followed. ENXIO: a socket. ENODEV: a device without a driver.
			if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENODEV')) return undefined;
			throw error;
		} finally {
			if (file !== undefined) closeSync(file);
		}
	});
}

/**
 * A stale file may name anybody, and after a restart of a container it often names the caller or process 1. And whoever owns
 * the file chooses who is signalled.
 *
 * @param launched the process that this library has launched and noted in this file: it is known by its identity, as the
 * file's time means nothing once the clock was set.
 */
export function judge({ pid, uid, writtenAt }: Claim, launched: ProcessIdentity | undefined): Verdict {
	if (pid === process.pid) return { doubt: 'it names the process that asks' };
	if (pid === 1) return { doubt: 'it names process 1, which is no daemon' };
	if (pid === launched?.pid) return isRunning(launched) ? 'living' : 'gone';
	// Neither is a thread a process here, although kill(2) would take its number.
	const facts = readProcess(pid);
	if (facts === undefined || !isLiving(facts)) return 'gone';
	const isOurs = uid === 0 || uid === process.geteuid?.();
	if (!isOurs) return { doubt: `user ${uid} owns it, and is neither root nor the user who asks` };
	if (isAncestor(pid)) return { doubt: `it names process ${pid}, an ancestor of the process that asks` };
	if (startedAt(facts) <= writtenAt + CLOCK_TOLERANCE_MS) return 'living';
	return { doubt: `process ${pid} started after it was written, so the pid was given anew` };
}

function isAncestor(pid: number): boolean {
	const seen = new Set<number>();
	for (let next = process.ppid; next > 1 && !seen.has(next); next = readProcess(next)?.ppid ?? 0) {
		if (next === pid) return true;
		seen.add(next);
	}
	return false;
}
