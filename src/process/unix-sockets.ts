/** Unix sockets as Linux shows them: in the table of a network namespace, each with the path that it was bound to. */
import { readProc } from './procfs.ts';

/** A unix socket that listens. */
export interface UnixListener {
	/** As the process that bound it gave it: perhaps relative, and as seen from its root. */
	readonly path: string;
	/** The number of the socket itself, not of the file at the path. */
	readonly inode: string;
}

/** All unix sockets that listen, except for abstract ones, in the network namespace of this process. */
export function listUnixListeners(): UnixListener[] {
	return parseUnixTable(readProc('self/net/unix') ?? '');
}

/** SO_ACCEPTCON of the kernel's net.h: listen(2) was called. */
const LISTENS = 0x10000;

/** Lines such as `0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/app.sock` (proc_pid_net(5)). */
export function parseUnixTable(table: string): UnixListener[] {
	const lines = table.matchAll(/^\w+: \w+ \w+ (\w+) \w+ \w+ +(\d+) ([^@\n].*)$/gm);
	return [...lines].flatMap(([, flags = '', inode = '', path = '']) =>
		Number.parseInt(flags, 16) & LISTENS ? [{ path: Buffer.from(path, 'latin1').toString(), inode }] : [],
	);
}
