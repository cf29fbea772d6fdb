/** Asks Linux which TCP sockets listen on a port: by netlink, in 40 us, where libc can be called. */
import { readSync, writeSync } from 'node:fs';
import { net } from '../builtins.ts';
import { loadedLibc } from '../native/libc.mjs';

export interface ListeningSocket {
	readonly address: string;
	readonly uid: number;
	readonly inode: string;
}

/** Whether the kernel has refused to answer. Asking again would let it look for its module on disk each time. */
let isRefused = false;

/**
 * All sockets that listen on this port, in the network namespace of this process. Undefined if libc is not loaded, or
 * if the kernel does not answer: gVisor has no sock_diag(7), and a container may forbid it.
 */
export function askForListeners(port: number): ListeningSocket[] | undefined {
	const libc = loadedLibc();
	if (isRefused || libc === undefined) return undefined;
	// A read that found no answer would block for ever.
	const socket = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
	if (socket < 0) return undefined;
	try {
		const answers = [AF_INET, AF_INET6].map(family => dump(socket, family, port));
		isRefused = answers.includes(undefined);
		return isRefused ? undefined : answers.flatMap(answer => answer ?? []);
	} catch {
		// EACCES, EPERM; EAGAIN if there is no answer.
		isRefused = true;
		return undefined;
	} finally {
		libc.close(socket);
	}
}

const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_SOCK_DIAG = 4;

/** Types and flags of messages: netlink(7). */
const SOCK_DIAG_BY_FAMILY = 20;
const REQUEST_DUMP = 0x301;
const ERROR = 2;
const DONE = 3;

const IPPROTO_TCP = 6;
const LISTEN = 10;

/** More than the kernel puts into one answer. */
const room = Buffer.alloc(32768);

/** All parts of an answer, which the kernel has made when the write returns. Undefined if it refuses. */
function dump(socket: number, family: number, port: number): ListeningSocket[] | undefined {
	writeSync(socket, toRequest(family, port));
	const found: ListeningSocket[] = [];
	for (;;) {
		const length = readSync(socket, room);
		if (length === 0) return undefined;
		for (let at = 0; at < length; ) {
			const message = room.subarray(at, at + room.readUInt32LE(at));
			const type = message.readUInt16LE(4);
			if (type === DONE) return found;
			// Such as ENOENT, if the kernel lacks the module tcp_diag.
			if (type === ERROR) return undefined;
			found.push(parse(message));
			// Messages are padded to 4 bytes.
			at += (message.length + 3) & ~3;
		}
	}
}

/** The structs nlmsghdr and inet_diag_req_v2 of sock_diag(7). The state and the local port are filters. */
function toRequest(family: number, port: number): Buffer {
	const request = Buffer.alloc(72);
	request.writeUInt32LE(request.length, 0);
	request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
	request.writeUInt16LE(REQUEST_DUMP, 6);
	request.writeUInt8(family, 16);
	request.writeUInt8(IPPROTO_TCP, 17);
	request.writeUInt32LE(1 << LISTEN, 20);
	request.writeUInt16BE(port, 24);
	return request;
}

/** The structs nlmsghdr and inet_diag_msg. */
function parse(message: Buffer): ListeningSocket {
	const bytes = message.subarray(24, message[16] === AF_INET ? 28 : 40);
	return { address: toAddress([...bytes]), uid: message.readUInt32LE(80), inode: String(message.readUInt32LE(84)) };
}

/** Names an address of IPv4 or IPv6, whose bytes are in network order. */
export function toAddress(bytes: readonly number[]): string {
	if (bytes.length === 4) return bytes.join('.');
	const groups = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? [];
	return new (net().SocketAddress)({ address: groups.join(':'), family: 'ipv6' }).address;
}
