/** Reads what the launcher, and a daemon that is JavaScript, report over the socket. */

import type { Socket } from 'node:net';
import type { ExitStatus } from '../error-text.ts';
import { now } from '../time/clock.ts';
import { type Deferred, deferred } from '../time/deadline.ts';
import type { Uncaught } from './daemon-process.ts';
import { takeErrors } from './deserialize-error.ts';
import { toExitStatus } from './launcher-script.ts';

/**
 * A handler of `uncaughtException` may log the error and exit. After this many ms the daemon has survived the error.
 */
const SOON_MS = 1000;

export interface LauncherChannel {
	/** Resolves to the daemon's pid. Rejects if the launcher ended before there was one. */
	readonly started: Promise<number>;
	/** Resolves when the daemon's JavaScript is called. */
	readonly userCodeStarted: Promise<void>;
	/** How the daemon ended, if the launcher lives to report it. */
	readonly exited: Deferred<ExitStatus>;
	/** Whether an error was reported that ends the daemon, so that only its exit is still to come. */
	isDying(): boolean;
	/** The last error that the daemon's JavaScript did not catch, explained; undefined if the daemon has survived it. */
	uncaught(): Uncaught | undefined;
}

export function listenTo(socket: Socket, explain: (error: unknown) => Uncaught): LauncherChannel {
	const started = deferred<number>();
	const userCodeStarted = deferred<void>();
	const exited = deferred<ExitStatus>();
	let uncaught: (() => Uncaught | undefined) | undefined;
	let isDying = false;
	let buffer = '';
	let hasStarted = false;
	const failToStart = () => {
		if (!hasStarted) started.reject(new LauncherError(buffer));
	};
	socket.setEncoding('latin1').on('data', (text: string) => {
		const { rest, failures } = takeErrors(buffer + text);
		for (const { error, isFatal } of failures) {
			const explained = once(() => explain(error));
			const outlivedAt = isFatal ? Number.POSITIVE_INFINITY : now() + SOON_MS;
			uncaught = () => (now() < outlivedAt ? explained() : undefined);
			isDying ||= isFatal;
		}
		buffer = rest;
		const pid = /^pid (\d+)\n/m.exec(buffer);
		const exit = /^exit (\d+)\n/m.exec(buffer);
		if (/^begun\n/m.test(buffer)) userCodeStarted.resolve();
		if (pid && !hasStarted) {
			hasStarted = true;
			started.resolve(Number(pid[1]));
		}
		if (exit) {
			failToStart();
			// Text before the pid comes from the loader or from the daemon's shell, not from the end of the daemon.
			const words = buffer.slice(buffer.indexOf(pid?.[0] ?? '')).replace(/^(?:begun|pid \d+|exit \d+)\n/gm, '');
			exited.resolve(toExitStatus(Number(exit[1]), words.trim()));
		}
	});
	void exited.promise.then(() => userCodeStarted.resolve());
	// ECONNRESET, EPIPE: the launcher was killed. The event `close` says the same.
	socket.on('error', () => {});
	// It may have been killed before anybody listened.
	if (socket.destroyed) failToStart();
	else socket.on('close', failToStart);
	return {
		started: started.promise,
		userCodeStarted: userCodeStarted.promise,
		exited,
		uncaught: () => uncaught?.(),
		isDying: () => isDying,
	};
}

/** Explaining an error is slow, and many errors are survived, so it is done on demand. */
function once<T>(make: () => T): () => T {
	let made: { readonly value: T } | undefined;
	return () => {
		made ??= { value: make() };
		return made.value;
	};
}

/** If it cannot fork before it has read anything, the word of the caller comes too late, and its own words are lost. */
const WITHOUT_WORDS =
	'it was killed, or its user has no process left, of those that `ulimit -u` or the container allows';

/** The launcher ended before there was a daemon: it was killed, or the system allows no more processes. */
class LauncherError extends Error {
	/** As of fork(2) in the caller, if the shell says that it cannot: in dash, bash or BusyBox. */
	readonly code: 'EAGAIN' | undefined;

	constructor(words: string) {
		super(`the launcher ended before it could fork: ${words.trim() || WITHOUT_WORDS}`);
		this.name = 'LauncherError';
		this.code = /can(?:no|')t fork|\bfork: /i.test(words) ? 'EAGAIN' : undefined;
	}
}
