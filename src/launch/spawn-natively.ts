/** Creates the launcher through libc: that costs the same in every caller, and leaves its zombie until it is reaped. */
import type { Socket } from 'node:net';
import { net, workerThreads } from '../builtins.ts';
import { posixSpawn, reap, type SpawningLibc, socketPair } from '../native/posix-spawn.mjs';
import { sendSignal } from '../process/signals.ts';
import { KILL_MS } from '../survivors/kill-all.ts';
import { nextTurn } from '../time/clock.ts';
import { settlesWithin } from '../time/deadline.ts';
import { pollUntilUnref } from '../time/poll.ts';
import type { Launcher, SpawnRequest } from './spawn.ts';

/** Returns undefined if that fails: Node's own way has the words for it. */
export function spawnNatively(libc: SpawningLibc, { argv, cwd, env, stdio }: SpawnRequest): Launcher | undefined {
	const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
	// C would take it for the end of the text.
	if ([...argv, ...variables].some(text => text.includes('\0'))) return undefined;
	const pairs = new Map<number, readonly [ours: number, theirs: number]>();
	let sockets: ReadonlyMap<number, Socket> | undefined;
	const connect = () => {
		sockets ??= new Map([...pairs].map(([target, [ours]]) => [target, toSocket(ours, target)]));
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
		return pid > 0 ? hold(libc, pid, connect()) : undefined;
	} finally {
		for (const [, theirs] of pairs.values()) libc.close(theirs);
		if (pid <= 0) for (const socket of connect().values()) socket.destroy();
	}
}

/** How many turns of the event loop the end of a process may take before it is waited for with a timer. */
const MOST_TURNS = 20;

/**
 * Nothing but the caller reaps it: until then no other process can have its pid, and group and session are the
 * daemon's.
 */
function hold(libc: SpawningLibc, pid: number, sockets: ReadonlyMap<number, Socket>): Launcher {
	let isHeld = true;
	const listeners: (() => void)[] = [];
	const tryToReap = () => {
		if (isHeld && reap(libc, pid) !== undefined) {
			isHeld = false;
			for (const listener of listeners) listener();
		}
		return !isHeld;
	};
	return {
		pid,
		socket: descriptor => sockets.get(descriptor) as Socket,
		isHeld: () => isHeld,
		onGone: listener => void listeners.push(listener),
		end: async isHeard => {
			// Another addon of the caller may have reaped it, waiting for any child: then its pid may be a stranger's.
			if (!tryToReap()) {
				sendSignal(pid, 'SIGKILL');
				// After its report it ends by itself, which takes less time than a timer.
				for (let turn = 1; turn <= MOST_TURNS && !tryToReap(); turn += 1) await nextTurn();
				if (isHeld) await settlesWithin(pollUntilUnref(tryToReap), KILL_MS);
			}
			await closeAll([...sockets.values()], isHeard);
		},
	};
}

/** What is there to be read is read within two turns of the event loop. */
async function closeAll(sockets: readonly Socket[], isHeard = false): Promise<void> {
	for (let turn = 1; turn <= 2 && !isHeard && sockets.some(socket => !socket.destroyed); turn += 1) await nextTurn();
	for (const socket of sockets) socket.destroy();
}

/** Like those of a child process: its stdin is only written to. */
function toSocket(fd: number, target: number): Socket {
	const { Socket } = net();
	return new Socket({ fd, readable: target > 0, writable: true }).unref();
}
