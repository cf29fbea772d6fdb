/** Proves that a process or a folder that an entry names is ours, before it is touched. */
import { lstatSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { explainUnsafeParent } from '../os/safety.ts';
import { isOwnAncestor, isRunning, type ProcessIdentity } from '../process/identity.ts';
import { readOwner } from '../process/table.ts';
import { isMarked } from '../survivors/find.ts';

/**
 * Whether this process may be signalled; it may be gone. The marker proves that it is ours even if it changed its user.
 */
export function isOwnProcess(identity: ProcessIdentity, marker: string): boolean {
	const { pid } = identity;
	if (!isRunning(identity)) return true;
	if (isOwnAncestor(pid)) return false;
	return readOwner(pid) === process.getuid?.() || isMarked(pid, marker);
}

/**
 * Whether this is a daemon's temporary folder, which no other user can replace. Root may have given it to another user.
 */
export function isOwnFolder(path: string): boolean {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	const parent = statSync(dirname(path), { throwIfNoEntry: false });
	if (stats?.isDirectory() !== true || parent === undefined) return false;
	const isOurs = process.getuid?.() === 0 || stats.uid === process.getuid?.();
	return isOurs && basename(path).startsWith('withdaemon-') && explainUnsafeParent(parent) === undefined;
}
