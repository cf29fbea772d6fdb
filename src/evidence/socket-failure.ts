/** Explains why a socket of `listen` could not be made. */
import { lstatSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import type { EvidenceRow } from '../error-text.ts';
import { hasCode } from '../os/errno.ts';
import { LONGEST_SOCKET_PATH } from '../os/socket-path.ts';
import { printable } from '../printable.ts';
import { findSocketHolders, listUnixListeners, readCommandLine } from '../process/table.ts';
import { describeFileType } from '../readiness/file-type.ts';
import { hintsForPrivileged } from './forbidden-port.ts';
import { lookUp } from './timeline.ts';

/** What could not be bound: a path, or an address with a port. Undefined if the failure was another one. */
const addressIn = ({ syscall, path }: NodeJS.ErrnoException) => (syscall === 'bind' ? path : undefined);

/** The rest of a sentence; undefined if the words of the system say it as well. */
export function explainSocketFailure(cause: NodeJS.ErrnoException): string | undefined {
	const address = addressIn(cause);
	if (address === undefined) return undefined;
	if (!isAbsolute(address))
		return hasCode(cause, 'EACCES') ? `it has no permission to listen on ${address} (EACCES)` : undefined;
	if (hasCode(cause, 'EACCES'))
		return `its socket ${address} cannot be made, as this user may not write to ${dirname(address)} (EACCES)`;
	if (hasCode(cause, 'ENAMETOOLONG')) {
		const limit = `has ${Buffer.byteLength(address)} bytes, of which a unix socket can have ${LONGEST_SOCKET_PATH}`;
		return `the path of its socket, ${address}, ${limit} (ENAMETOOLONG)`;
	}
	if (!hasCode(cause, 'EADDRINUSE')) return undefined;
	return `its socket cannot be made at ${address}: ${describeObstacle(address)} (EADDRINUSE)`;
}

function describeObstacle(path: string): string {
	const file = lstatSync(path, { throwIfNoEntry: false });
	if (file === undefined) return 'another caller has that path';
	const what = file.isSymbolicLink() ? 'a symlink' : describeFileType(file);
	const whose = file.uid === process.getuid?.() ? '' : ` of the user ${file.uid}`;
	return `${what}${whose} is there, and is left alone`;
}

/** Rows on who has the socket, and what would give the permission that is missing. */
export function describeSocketFailure(cause: unknown): readonly EvidenceRow[] {
	const address = hasCode(cause, 'EACCES', 'EADDRINUSE') ? addressIn(cause) : undefined;
	if (address === undefined) return [];
	if (!isAbsolute(address)) return lookUp('hint', () => hintsForPrivileged(Number(address.split(':').at(-1))));
	return lookUp('socket', () => {
		const sockets = listUnixListeners().filter(({ path }) => path === address);
		const holders = findSocketHolders(new Set(sockets.map(({ inode }) => inode)));
		const pids = [...new Set([...holders.values()].flat())];
		return pids.map(pid => ['socket', `${pid}   ${printable(readCommandLine(pid) ?? 'unknown')}`] as const);
	});
}
