/** Explains from the owner and the mode of a folder or a file why it cannot be trusted. */
import { readFileSync, type Stats } from 'node:fs';

const [FOR_GROUP, FOR_OTHERS, STICKY] = [0o020, 0o002, 0o1000];

/** Why the registry may not be in this folder: another user could rename it there, and put another one in its place. */
export function explainUnsafeParent({ uid, gid, mode }: Stats): string | undefined {
	if (uid !== 0 && uid !== process.getuid?.() && !isUnmapped(uid)) return `belongs to the user ${uid}`;
	// In a sticky folder only the owner of a file or of the folder can rename the file (chmod(2)).
	if ((mode & STICKY) !== 0) return undefined;
	// On systems where every user has a private group, a umask of 002 is usual. On macOS all users have the group staff.
	const isOwnGroup = gid === process.getgid?.() && process.platform !== 'darwin';
	const isForGroup = (mode & FOR_GROUP) !== 0 && !isOwnGroup;
	return isForGroup || (mode & FOR_OTHERS) !== 0 ? 'can be written by other users, and is not sticky' : undefined;
}

/** Why nothing in this folder of the registry can be trusted. */
export function explainUnsafeFolder({ uid, mode }: Stats): string | undefined {
	if (uid !== process.getuid?.()) return `belongs to the user ${uid}`;
	return (mode & 0o077) === 0 ? undefined : 'is open to other users';
}

/**
 * Whether only this user can have written the file. With a second name, by link(2), it could be any file of the user.
 */
export function isOwnFile(stats: Stats): boolean {
	const isClosed = (stats.mode & (FOR_GROUP | FOR_OTHERS)) === 0;
	return stats.isFile() && stats.uid === process.getuid?.() && stats.nlink === 1 && isClosed;
}

/**
 * In a rootless container, files of users outside, including the host's root, seem to belong to this uid
 * (user_namespaces(7)).
 */
function isUnmapped(uid: number): boolean {
	try {
		const isWhole = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'));
		return !isWhole && uid === Number(readFileSync('/proc/sys/kernel/overflowuid', 'latin1'));
	} catch {
		// ENOENT: macOS has no user namespaces.
		return false;
	}
}
