/** The listening sockets of a daemon: it inherits them at every launch, and they are kept until its teardown. */
import { resolve } from 'node:path';
import { hasCode } from '../os/errno.ts';
import { isOpen } from '../tcp-port.ts';
import { FIRST_SOCKET } from './descriptors.ts';
import { NotifySocket } from './notify.ts';
import { TcpSocket } from './tcp.ts';
import { UnixSocket } from './unix.ts';

/** `'auto'`, a port, or the path of a unix socket. */
export type WantedSocket = 'auto' | number | string;

/** One socket, or several with names. */
export type WantedSockets = WantedSocket | Readonly<Record<string, WantedSocket>>;

/** What a launch hands to a daemon. */
interface Inherited {
	readonly descriptors: readonly number[];
	/** The variables that tell the daemon about them (sd_listen_fds(3)). */
	readonly env: NodeJS.ProcessEnv;
}

/** What each socket is called: `listen` or `listen.NAME`, like its placeholder. */
export function listWanted(wanted: WantedSockets | undefined): (readonly [name: string, wanted: WantedSocket])[] {
	if (wanted === undefined) return [];
	if (typeof wanted !== 'object') return [['listen', wanted]];
	return Object.entries(wanted).map(([name, each]) => [`listen.${name}`, each]);
}

export class Sockets {
	readonly #wanted: readonly (readonly [name: string, wanted: WantedSocket])[];
	readonly #held = new Map<string, TcpSocket | UnixSocket>();
	/** What the placeholders stand for, even after the end. */
	readonly #values = new Map<string, string>();
	readonly #ports = new Map<string, number>();
	/** How many runs had a notify socket. */
	#notified = 0;
	/** The notify socket of the present run, if it has one. */
	notify: NotifySocket | undefined;

	constructor(wanted: WantedSockets | undefined) {
		this.#wanted = listWanted(wanted);
		for (const [index, [name, each]] of this.#wanted.entries()) {
			this.#values.set(`${name}.fd`, String(FIRST_SOCKET + index));
			if (typeof each === 'number') this.#note(name, each);
		}
	}

	/** By placeholder: a port or a path, and each descriptor. What is chosen is known from the first launch on. */
	get values(): ReadonlyMap<string, string> {
		return this.#values;
	}

	/** The port of the socket without a name. */
	get port(): number | undefined {
		return this.#ports.get('listen');
	}

	/** The ports of the sockets that have names. */
	get named(): Readonly<Record<string, number>> {
		const named = [...this.#ports].filter(([name]) => name !== 'listen');
		return Object.fromEntries(named.map(([name, port]) => [name.slice('listen.'.length), port]));
	}

	/** Call this after {@link take}, for one launch. */
	get inherited(): Inherited {
		const notify = this.notify && { NOTIFY_SOCKET: this.notify.path };
		if (this.#wanted.length === 0) return { descriptors: [], env: { ...notify } };
		const names = this.#wanted.map(([name]) => name.replace(/^listen\./, ''));
		const descriptors = this.#wanted.flatMap(([name]) => this.#held.get(name)?.descriptor ?? []);
		// The launcher sets LISTEN_PID, as the caller's would name another process.
		const env = {
			...notify,
			LISTEN_FDS: String(descriptors.length),
			LISTEN_FDNAMES: names.join(':'),
			LISTEN_PID: undefined,
		};
		return { descriptors, env };
	}

	/** The paths of the unix sockets. */
	get paths(): readonly string[] {
		return [...this.#held.values()].flatMap(socket => (socket instanceof UnixSocket ? socket.path : []));
	}

	/**
	 * Call this before each launch. If somebody else listens on one of the ports, returns that port.
	 *
	 * @param fill fills in the placeholders of a path.
	 * @throws a system error if a socket cannot be made.
	 */
	async take(fill: (path: string) => string): Promise<number | undefined> {
		for (const [name, wanted] of this.#wanted) {
			await this.#dropIfLost(name);
			const held = this.#held.get(name);
			if (held) await held.listenAgain();
			else if (typeof wanted === 'number' && !(await this.#openPort(name, wanted))) return wanted;
			else if (wanted === 'auto') await this.#openPort(name, 0);
			else if (typeof wanted === 'string') await this.#openPath(name, resolve(fill(wanted)));
		}
		return undefined;
	}

	/**
	 * Call this before each launch whose daemon is to say itself when it is ready. What an earlier run has left must not
	 * speak for the next one, so each has a path of its own that begins with `path`.
	 */
	async openNotify(path: string): Promise<void> {
		this.notify?.close();
		this.#notified += 1;
		this.notify = await NotifySocket.open(this.#notified === 1 ? path : `${path}${this.#notified}`);
	}

	/** Clients cannot find a unix socket any more that was removed from its path. */
	async #dropIfLost(name: string): Promise<void> {
		const held = this.#held.get(name);
		if (!(held instanceof UnixSocket) || held.isInPlace()) return;
		this.#held.delete(name);
		await held.close();
	}

	/** Returns false if the port is in use. */
	async #openPort(name: string, port: number): Promise<boolean> {
		// Somebody may listen on ::1 only, which clients of `localhost` would reach.
		if (port !== 0 && (await isOpen(port))) return false;
		try {
			const socket = await TcpSocket.open(port);
			this.#held.set(name, socket);
			this.#note(name, socket.port);
			return true;
		} catch (error) {
			if (port !== 0 && hasCode(error, 'EADDRINUSE')) return false;
			throw error;
		}
	}

	async #openPath(name: string, path: string): Promise<void> {
		this.#held.set(name, await UnixSocket.open(path));
		this.#values.set(name, path);
	}

	/** Call this when another process has started the daemon: only that process knows the ports that were chosen. */
	async adopt(): Promise<void> {
		await this.giveBack();
		for (const [name] of this.#wanted.filter(([, wanted]) => wanted === 'auto')) {
			this.#ports.delete(name);
			this.#values.delete(name);
		}
	}

	/** The daemon outlives this process: its unix sockets stay at their paths. */
	async leave(): Promise<void> {
		for (const socket of this.#held.values()) if (socket instanceof UnixSocket) await socket.leave();
		this.#held.clear();
	}

	/** Closes them. Returns the ports on which another process goes on listening. */
	async giveBack(): Promise<readonly number[]> {
		this.notify?.close();
		this.notify = undefined;
		const held = [...this.#held.values()];
		this.#held.clear();
		for (const socket of held) await socket.close();
		return held.flatMap(socket => (socket instanceof TcpSocket && socket.isHeld() ? [socket.port] : []));
	}

	#note(name: string, port: number): void {
		this.#ports.set(name, port);
		this.#values.set(name, String(port));
	}
}
