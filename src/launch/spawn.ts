/** Creates the processes that are no daemons, the reaper and the launcher, where libc does not do it. */
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { childProcess } from '../builtins.ts';
import { hasCode, systemError } from '../os/errno.ts';
import { KILL_MS } from '../survivors/kill-all.ts';
import { settlesWithin } from '../time/deadline.ts';

export interface SpawnRequest {
	readonly argv: readonly [file: string, ...args: string[]];
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
	/**
	 * Its descriptors: the number of one of the caller's, /dev/null (above 2: nothing), or a socket whose other end the
	 * caller has.
	 */
	readonly stdio: readonly (number | 'null' | 'socket')[];
}

/** A child process in a session of its own. It does not keep the caller alive. */
export interface Spawned {
	readonly pid: number;
	/** The caller's end of a socket. */
	socket(descriptor: number): Socket;
	/** Whether it was not reaped yet: until then no other process can have its pid, group or session. */
	isHeld(): boolean;
	/** Resolves when it is reaped, with the signal that ended it, or null. */
	readonly gone: Promise<NodeJS.Signals | null>;
	/** The same for a process that may outlive all tests, whose promise would count as a leak. */
	onGone(listener: (signal: NodeJS.Signals | null) => void): void;
}

/** A child process that Node reaps. */
export interface NodesChild extends Spawned {
	/** Sends a signal to this process alone. Does nothing once it is reaped. */
	kill(signal: NodeJS.Signals): void;
}

/**
 * Creates the process before it returns, so that the caller may then close the descriptors it passed on.
 *
 * @throws a system error, by its promise: EAGAIN, EMFILE, ENOMEM, E2BIG, or one about the file or the folder.
 */
export async function spawnProcess({ argv, cwd, env, stdio }: SpawnRequest): Promise<NodesChild> {
	const [file, ...args] = argv;
	assertDescriptors(file, 2 * stdio.filter(kind => kind === 'socket').length + EXEC_PIPE);
	const kinds = { null: 'ignore', socket: 'pipe' } as const;
	const child = childProcess().spawn(file, args, {
		cwd,
		env,
		// setsid(2).
		detached: true,
		stdio: stdio.map(each => (typeof each === 'number' ? each : kinds[each])),
	});
	const { pid } = child;
	if (pid === undefined) throw (await once(child, 'error'))[0];
	const ends = [...child.stdio];
	// Node would close it at the end of the process, but children of the process may still use the other end.
	child.stdin = null;
	const isHeld = () => child.exitCode === null && child.signalCode === null;
	let gone: Spawned['gone'] | undefined;
	child.unref();
	for (const stream of ends) (stream as Socket | null)?.unref();
	return {
		pid,
		socket: descriptor => ends[descriptor] as Socket,
		isHeld,
		get gone() {
			// Made when it is asked for, which may be after the event: a promise that nobody settles would count as a leak.
			gone ??= isHeld() ? once(child, 'exit').then(([, signal]) => signal) : Promise.resolve(child.signalCode);
			return gone;
		},
		onGone: listener =>
			void (isHeld() ? child.once('exit', (_, signal) => listener(signal)) : listener(child.signalCode)),
		kill: signal => void child.kill(signal),
	};
}

/** The descriptors of the pipe over which libuv hears whether the program was executed. */
const EXEC_PIPE = 2;

/**
 * Node keeps the sockets of a process that it could not create for want of descriptors, so that each attempt would
 * leave fewer.
 */
function assertDescriptors(file: string, count: number): void {
	const opened: number[] = [];
	try {
		while (opened.length < count) opened.push(openSync('/dev/null', 'r'));
	} catch (error) {
		throw hasCode(error, 'EMFILE') ? systemError('EMFILE', 'spawn', file) : error;
	} finally {
		for (const descriptor of opened) closeSync(descriptor);
	}
}

/** The launcher, as its caller holds it. */
export interface Launcher {
	readonly pid: number;
	/** The caller's end of a socket. */
	socket(descriptor: number): Socket;
	/** Whether it was not reaped yet: until then no other process can have its pid, group or session. */
	isHeld(): boolean;
	/** Calls the listener when it is reaped. */
	onGone(listener: () => void): void;
	/**
	 * Ends it by SIGKILL, which works even if it was stopped by a signal, unless it has ended by itself. Resolves when it
	 * is reaped, or when the kernel has kept it for too long: for a debugger, or until a disk answers (state D).
	 *
	 * @param isHeard whether all that matters was heard from it. Otherwise its sockets are read to their ends.
	 */
	end(isHeard?: boolean): Promise<void>;
}

/** A launcher that Node reaps as soon as it ends: so it has to stay until its caller ends it. */
export async function spawnPortably(request: SpawnRequest): Promise<Launcher> {
	const spawned = await spawnProcess(request);
	return {
		...spawned,
		end: async () => {
			spawned.kill('SIGKILL');
			await settlesWithin(spawned.gone, KILL_MS);
		},
	};
}
