/** TCP and UDP sockets as Linux shows them: in the tables of a network namespace, and as descriptors of processes. */
import type { Protocol } from '../error-text.ts';
import type { Listener } from './process-info.ts';
import { listPids, readHead, readLinks, readProc } from './procfs.ts';
import { askForListeners, type ListeningSocket, toAddress } from './socket-diag.ts';

interface Socket {
	readonly address: string;
	readonly port: number;
	/** A number of the kernel's enum (include/net/tcp_states.h). */
	readonly state: string;
	readonly uid: number;
	readonly inode: string;
}

const ESTABLISHED = '01';
const LISTEN = '0A';
/** TCP_CLOSE: of UDP, a socket that is bound and receives from everybody. */
const UNCONNECTED = '07';

/**
 * All sockets that listen on this port, or that are bound to it with UDP, in the network namespace of this process.
 * `among` limits the processes in which their holders are looked for.
 */
export function findListeners(port: number, among?: readonly number[], protocol: Protocol = 'tcp'): Listener[] {
	const sockets =
		protocol === 'udp'
			? readTables('self', 'udp').filter(isAt(port, UNCONNECTED))
			: (askForListeners(port) ?? readListeners(port));
	const holders = findSocketHolders(new Set(sockets.map(({ inode }) => inode)), among);
	return sockets.map(({ address, uid, inode }) => ({ address, uid, inode, pids: holders.get(inode) ?? [] }));
}

const isAt = (port: number, state: string) => (socket: Socket) => socket.port === port && socket.state === state;

/**
 * Linux puts all that listen in front of the connections. To find these it looks through a table whose size grows with
 * the memory of the machine, which takes ms even if there are none.
 */
export function readListeners(port: number): ListeningSocket[] {
	const listening = TABLES.tcp.flatMap(table => parseTable(readListening(`self/${table}`)));
	const found = listening.filter(isAt(port, LISTEN));
	// A system that only acts like Linux may have another order.
	return found.length > 0 ? found : readTables('self', 'tcp').filter(isAt(port, LISTEN));
}

/** The lines in front of the first one that does not listen. */
export function readListening(table: string): string {
	return readProc(table, path => readHead(path, line => / (?:st|0A) /.test(line))) ?? '';
}

/** The sockets of a process, such as `listens on port 6379`, `listens on port 80 of ::1`, `open connections: 2`. */
export function describeSockets(pid: number): string[] {
	const inodes = inodesOf(pid);
	const own = readTables(pid, 'tcp').filter(({ inode }) => inodes.has(inode));
	const listening = own.filter(({ state }) => state === LISTEN);
	const bound = readTables(pid, 'udp').filter(({ inode, state }) => inodes.has(inode) && state === UNCONNECTED);
	const connections = own.filter(({ state }) => state === ESTABLISHED).length;
	return [
		...new Set([
			...listening.map(socket => `listens on port ${namePlace(socket)}`),
			...bound.map(socket => `is bound to UDP port ${namePlace(socket)}`),
		]),
		...(connections === 0 ? [] : [`open connections: ${connections}`]),
	];
}

/** The address matters to a client, unless the socket has all of them. */
const namePlace = ({ port, address }: Socket) => (['0.0.0.0', '::'].includes(address) ? port : `${port} of ${address}`);

/** The pids that have each inode open, except for processes that this user may not inspect. */
export function findSocketHolders(inodes: ReadonlySet<string>, among?: readonly number[]): Map<string, number[]> {
	const holders = new Map<string, number[]>();
	if (inodes.size === 0) return holders;
	for (const pid of among ?? listPids())
		for (const inode of inodesOf(pid)) if (inodes.has(inode)) holders.set(inode, [...(holders.get(inode) ?? []), pid]);
	return holders;
}

function inodesOf(pid: number): Set<string> {
	const links = readLinks(`/proc/${pid}/fd`).map(link => /^socket:\[(\d+)\]$/.exec(link)?.[1]);
	return new Set(links.filter(inode => inode !== undefined));
}

const TABLES = { tcp: ['net/tcp', 'net/tcp6'], udp: ['net/udp', 'net/udp6'] } as const;

/** In the network namespace of this process. */
function readTables(pid: number | 'self', protocol: Protocol): Socket[] {
	return TABLES[protocol].flatMap(table => parseTable(readProc(`${pid}/${table}`) ?? ''));
}

/**
 * Lines such as `0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 4711 …`
 * (proc_pid_net(5)).
 */
export function parseTable(table: string): Socket[] {
	const lines = table.trimEnd().split('\n').slice(1);
	return lines.map(line => {
		const [, local = '', , state = '', , , , uid, , inode = ''] = line.trim().split(/\s+/);
		const [address = '', port = ''] = local.split(':');
		return { address: parseAddress(address), port: Number.parseInt(port, 16), state, uid: Number(uid), inode };
	});
}

/** The address is printed in words of 32 bits, each as a number of this machine; x64 and arm64 are little-endian. */
function parseAddress(hex: string): string {
	const bytes = (hex.match(/.{8}/g) ?? []).flatMap(word => word.match(/../g)?.reverse() ?? []);
	return toAddress(bytes.map(byte => Number.parseInt(byte, 16)));
}
