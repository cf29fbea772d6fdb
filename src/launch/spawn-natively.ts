/** Creates processes through libc: that costs the same in every caller, and leaves a zombie until it is reaped. */
import type { Socket } from 'node:net';
import { net, workerThreads } from '../builtins.ts';
import { posixSpawn, type SpawningLibc, socketPair } from '../native/posix-spawn.mjs';
import { sendSignal } from '../process/signals.ts';
import { nextTurn } from '../time/clock.ts';
import { HeldChild } from './held-child.ts';
import type { Launcher, Spawned, SpawnRequest } from './spawn.ts';

interface Created {
	readonly child: HeldChild;
	/** The caller's ends, by the descriptors of the process. */
	readonly sockets: ReadonlyMap<number, Socket>;
}

/**
 * The launcher is not reaped until it is ended: group and session are the daemon's as long. Returns undefined if it
 * cannot be created: Node's own way has the words for it.
 */
export function spawnNatively(libc: SpawningLibc, request: SpawnRequest): Launcher | undefined {
	// Like that of a child process, its stdin is only written to.
	const created = create(libc, request, target => target > 0);
	if (created === undefined) return undefined;
	const { child, sockets } = created;
	return {
		pid: child.pid,
		socket: descriptor => sockets.get(descriptor) as Socket,
		isHeld: () => child.isHeld(),
		onGone: listener => child.onGone(() => listener()),
		end: async isHeard => {
			// Another addon of the caller may have reaped it, waiting for any child: then its pid may be a stranger's.
			if (!child.tryToReap()) {
				sendSignal(child.pid, 'SIGKILL');
				// After its report it ends by itself, which takes less time than a timer.
				await child.reapSoon();
			}
			await closeAll([...sockets.values()], isHeard);
		},
	};
}

/**
 * A process that is reaped when it ends, which its socket at descriptor 0 tells: no other process may have that.
 * Returns undefined if it cannot be created.
 */
export function spawnWatchedNatively(libc: SpawningLibc, request: SpawnRequest): Spawned | undefined {
	const created = create(libc, request, () => true);
	if (created === undefined) return undefined;
	const { child, sockets } = created;
	const socket = (descriptor: number) => sockets.get(descriptor) as Socket;
	// ECONNRESET: it has ended before it read all. What it says does not matter, but only who reads that sees its end.
	socket(0)
		.on('error', () => {})
		.once('close', () => void child.reapSoon())
		.resume();
	return {
		pid: child.pid,
		socket,
		isHeld: () => child.isHeld(),
		get gone() {
			return new Promise<NodeJS.Signals | null>(resolve => child.onGone(resolve));
		},
		onGone: listener => child.onGone(listener),
	};
}

function create(
	libc: SpawningLibc,
	{ argv, cwd, env, stdio }: SpawnRequest,
	isReadable: (target: number) => boolean,
): Created | undefined {
	const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
	// C would take it for the end of the text.
	if ([...argv, ...variables].some(text => text.includes('\0'))) return undefined;
	const pairs = new Map<number, readonly [ours: number, theirs: number]>();
	let sockets: ReadonlyMap<number, Socket> | undefined;
	const connect = () => {
		sockets ??= new Map([...pairs].map(([target, [ours]]) => [target, toSocket(ours, isReadable(target))]));
		return sockets;
	};
	let pid = 0;
	try {
		for (const [target, kind] of stdio.entries()) {
			if (kind !== 'socket') continue;
			const pair = socketPair(libc);
			if (pair === undefined) return undefined;
			pairs.set(target, pair);
		}
		// A worker thread may be terminated at any moment, and then Node closes what it knows. Elsewhere this can wait.
		if (!workerThreads().isMainThread) connect();
		const descriptors = stdio.map((kind, target) => (kind === 'socket' ? (pairs.get(target)?.[1] ?? 'null') : kind));
		pid = posixSpawn(libc, { file: argv[0], argv, env: variables, cwd, descriptors });
		return pid > 0 ? { child: new HeldChild(libc, pid), sockets: connect() } : undefined;
	} finally {
		for (const [, theirs] of pairs.values()) libc.close(theirs);
		if (pid <= 0) for (const socket of connect().values()) socket.destroy();
	}
}

/** What is there to be read is read within two turns of the event loop. */
async function closeAll(sockets: readonly Socket[], isHeard = false): Promise<void> {
	for (let turn = 1; turn <= 2 && !isHeard && sockets.some(socket => !socket.destroyed); turn += 1) await nextTurn();
	for (const socket of sockets) socket.destroy();
}

function toSocket(fd: number, readable: boolean): Socket {
	const { Socket } = net();
	return new Socket({ fd, readable, writable: true }).unref();
}
