/** The socket on which a daemon says how far it is, as to systemd (sd_notify(3)). */
import { unlinkSync } from 'node:fs';
import type { Socket, SocketConstructorOpts } from 'node:net';
import { net } from '../builtins.ts';
import { loadLibc } from '../native/libc.mjs';
import { systemError, systemErrorOf } from '../os/errno.ts';
import { LONGEST_SOCKET_PATH } from '../os/socket-path.ts';
import { nextTurn } from '../time/clock.ts';
import { Notifications } from './notifications.ts';

/** AF_UNIX and SOCK_DGRAM are the same everywhere; macOS can mark a descriptor close-on-exec only afterwards. */
const [AF_UNIX, SOCK_DGRAM, F_SETFD, FD_CLOEXEC] = [1, 2, 2, 1];
const SOCK_CLOEXEC = process.platform === 'darwin' ? 0 : 0o2000000;
const F_DUPFD_CLOEXEC = process.platform === 'darwin' ? 67 : 1030;

/** More datagrams than a socket holds that nobody reads (net.unix.max_dgram_qlen). */
const LONGEST_QUEUE = 1000;

type Libc = ReturnType<typeof loadLibc>;

export class NotifySocket {
	readonly path: string;
	readonly notifications = new Notifications();
	readonly #libc: Libc;
	readonly #descriptor: number;
	#stream: Socket | undefined;
	/** How many datagrams were read. */
	#heard = 0;
	#isClosed = false;

	private constructor(path: string, descriptor: number, libc: Libc) {
		this.path = path;
		this.#descriptor = descriptor;
		this.#libc = libc;
		this.#read();
	}

	/**
	 * Makes the socket. Only those who may enter its folder can write to it.
	 *
	 * @throws a system error: ENAMETOOLONG, EADDRINUSE, ENOENT.
	 */
	static async open(path: string): Promise<NotifySocket> {
		if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) throw systemError('ENAMETOOLONG', 'bind', path);
		const libc = loadLibc();
		const descriptor = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (descriptor < 0) throw lastError(libc, 'socket', path);
		libc.fcntl(descriptor, F_SETFD, FD_CLOEXEC);
		const address = toAddress(path);
		if (libc.bind(descriptor, address, address.length) === 0) return new NotifySocket(path, descriptor, libc);
		const error = lastError(libc, 'bind', path);
		libc.close(descriptor);
		throw error;
	}

	/** Resolves when all has been heard that was said before. */
	async drain(): Promise<void> {
		// It may be too late in this turn of the event loop to read anything. Each of the next ones reads one datagram.
		await nextTurn();
		for (let heard = -1, left = LONGEST_QUEUE; heard !== this.#heard && left > 0; left -= 1) {
			heard = this.#heard;
			await nextTurn();
		}
	}

	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#stream?.destroy();
		this.#libc.close(this.#descriptor);
		try {
			unlinkSync(this.path);
		} catch {
			// It is gone already, or the daemon has put something else there, which goes with the folder.
		}
	}

	/** Node takes an empty datagram for the end and closes the descriptor, so it gets a copy each time. */
	#read(): void {
		const handle = makePipe(this.path);
		handle.open(this.#libc.fcntl(this.#descriptor, F_DUPFD_CLOEXEC, 0));
		const stream = new (net().Socket)({ handle, readable: true, writable: false } as SocketConstructorOpts);
		this.#stream = stream;
		stream.unref();
		stream.on('error', () => {});
		// Each datagram is read alone, so it is one event.
		stream.on('data', (datagram: Buffer) => {
			this.#heard += 1;
			this.notifications.hear(datagram.toString());
		});
		stream.once('end', () => {
			this.#heard += 1;
		});
		stream.once('close', () => {
			if (!this.#isClosed) this.#read();
		});
	}
}

function lastError(libc: Libc, syscall: string, path: string): NodeJS.ErrnoException {
	return systemErrorOf(-libc.errno(), syscall, path);
}

/** A `sockaddr_un`: macOS has a byte for the length before the family. */
function toAddress(path: string): Buffer {
	const address = Buffer.alloc(2 + LONGEST_SOCKET_PATH + 1);
	if (process.platform === 'darwin') address.set([address.length, AF_UNIX]);
	else new Uint16Array(address.buffer, address.byteOffset, 1)[0] = AF_UNIX;
	address.write(path, 2);
	return address;
}

interface Pipe {
	open(descriptor: number): void;
}

/** Node's Pipe reads any descriptor by events, but has no public name: each unconnected socket for a path has one. */
function makePipe(path: string): Pipe {
	const socket = new (net().Socket)() as Socket & {
		readonly _handle: { readonly constructor: new (type: number) => Pipe };
	};
	// EPROTOTYPE, as this is a socket for datagrams.
	socket.on('error', () => {}).connect(path);
	const { constructor: Handle } = socket._handle;
	socket.destroy();
	return new Handle(0);
}
