/** A listening TCP socket on 127.0.0.1, which the caller keeps for its daemon. */
import { fstatSync } from 'node:fs';
import type { Listener } from '../process/process-info.ts';
import { findListeners } from '../process/table.ts';
import { bind, close, listen } from './keeper.ts';

/** No other machine can reach it, and servers such as nginx have to be told the same single address. */
const HOST = '127.0.0.1';

export class TcpSocket {
	readonly descriptor: number;
	readonly port: number;
	/** As the kernel's table of sockets names it. */
	readonly #inode: string;

	private constructor(descriptor: number, port: number) {
		this.descriptor = descriptor;
		this.port = port;
		this.#inode = String(fstatSync(descriptor).ino);
	}

	/** @param port 0 lets the kernel choose: as it is bound at once, nobody can take it. @throws EADDRINUSE, EACCES */
	static async open(port: number): Promise<TcpSocket> {
		const address = { host: HOST, port };
		const descriptor = await bind(address);
		try {
			return new TcpSocket(descriptor, (await listen(descriptor, address)) ?? port);
		} catch (error) {
			// EADDRINUSE: libuv reports that only now.
			await close(descriptor);
			throw error;
		}
	}

	async listenAgain(): Promise<void> {
		await listen(this.descriptor, { host: HOST, port: this.port });
	}

	async close(): Promise<void> {
		await close(this.descriptor);
	}

	/** Whether another process holds the socket, so that the port still accepts connections. Call it after the close. */
	isHeld(): boolean {
		return findListeners(this.port).some(listener => this.#isThis(listener));
	}

	/** Anybody may listen on a port that was given back. */
	#isThis({ inode, address }: Listener): boolean {
		return inode === undefined ? address === HOST : inode === this.#inode;
	}
}
