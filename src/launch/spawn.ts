/** The only place that creates a process: the launcher, and the reaper. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';

export interface SpawnRequest {
	readonly argv: readonly [file: string, ...args: string[]];
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
	/** What its descriptors are: one of the caller's by its number, `/dev/null`, or a socket of which the caller has the other end. */
	readonly stdio: readonly (number | 'null' | 'socket')[];
}

/** A process in a session of its own, seen from its parent. It does not keep the caller alive. */
export interface Spawned {
	readonly pid: number;
	/** The caller's end of a descriptor that is a socket. */
	socket(descriptor: number): Socket;
	/** Whether nobody has reaped it: as long as that lasts, no other process is given its pid, nor its group, nor its session. */
	isHeld(): boolean;
	/** Resolves with the signal that ended it, or null, when it is reaped. */
	readonly gone: Promise<NodeJS.Signals | null>;
	/** Sends a signal to it alone. Does nothing once it is reaped. */
	kill(signal: NodeJS.Signals): void;
	/** As {@link gone}, and keeps the caller alive until then. */
	wait(): Promise<void>;
}

/**
 * The process is created before this returns; descriptors that were handed on may be closed then.
 *
 * @throws a system error, by its promise: EAGAIN, EMFILE, ENOMEM, E2BIG; or that of the file or the folder.
 */
export async function spawnProcess({ argv, cwd, env, stdio }: SpawnRequest): Promise<Spawned> {
	const [file, ...args] = argv;
	const kinds = { null: 'ignore', socket: 'pipe' } as const;
	const child = spawn(file, args, {
		cwd,
		env,
		// setsid(2).
		detached: true,
		stdio: stdio.map(each => (typeof each === 'number' ? each : kinds[each])),
	});
	const { pid } = child;
	if (pid === undefined) throw (await once(child, 'error'))[0];
	const ends = [...child.stdio];
	// Node would close it when the process has ended: but whatever the process has started may still have the other end.
	child.stdin = null;
	const gone = once(child, 'exit').then(([, signal]): NodeJS.Signals | null => signal);
	child.unref();
	for (const stream of ends) (stream as Socket | null)?.unref();
	return {
		pid,
		socket: descriptor => ends[descriptor] as Socket,
		isHeld: () => child.exitCode === null && child.signalCode === null,
		gone,
		kill: signal => void child.kill(signal),
		wait: async () => {
			child.ref();
			await gone;
		},
	};
}
