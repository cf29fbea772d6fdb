/** What the launcher, and a daemon that is JavaScript, say over the socket. */

import type { Socket } from 'node:net';
import type { ExitStatus } from '../error-text.ts';
import { now } from '../time/clock.ts';
import { type Deferred, deferred } from '../time/deadline.ts';
import type { Uncaught } from './daemon-process.ts';
import { takeErrors } from './deserialize-error.ts';
import { toExitStatus } from './launcher-script.ts';

/** Who handles `uncaughtException` does so to write down the error and exit, or to go on. */
const SOON_MS = 1000;

export interface LauncherChannel {
	/** The daemon's pid. Rejects if the launcher ended before there was one. */
	readonly started: Promise<number>;
	/** Resolves when the daemon's JavaScript is called. */
	readonly userCodeStarted: Promise<void>;
	/** How the daemon ended, if the launcher lives to tell. */
	readonly exited: Deferred<ExitStatus>;
	/** Whether an error has come that ends it: its exit is only a matter of time. */
	isDying(): boolean;
	/** The last error that the daemon's JavaScript did not catch, explained; undefined if it has outlived that. */
	uncaught(): Uncaught | undefined;
}

export function listenTo(socket: Socket, explain: (error: unknown) => Uncaught): LauncherChannel {
	const started = deferred<number>();
	const userCodeStarted = deferred<void>();
	const exited = deferred<ExitStatus>();
	let uncaught: (() => Uncaught | undefined) | undefined;
	let isDying = false;
	let buffer = '';
	socket.setEncoding('latin1').on('data', (text: string) => {
		const { rest, failures } = takeErrors(buffer + text);
		for (const { error, isFatal } of failures) {
			const [explained, outlivedAt] = [
				once(() => explain(error)),
				isFatal ? Number.POSITIVE_INFINITY : now() + SOON_MS,
			];
			uncaught = () => (now() < outlivedAt ? explained() : undefined);
			isDying ||= isFatal;
		}
		buffer = rest;
		const pid = /^pid (\d+)\n/m.exec(buffer);
		const exit = /^exit (\d+)\n/m.exec(buffer);
		if (/^begun\n/m.test(buffer)) userCodeStarted.resolve();
		if (pid) started.resolve(Number(pid[1]));
		if (exit) {
			started.reject(new LauncherError(buffer));
			// Before the pid only the loader, or the daemon's shell as it begins, has something to say.
			const words = buffer.slice(buffer.indexOf(pid?.[0] ?? '')).replace(/^(?:begun|pid \d+|exit \d+)\n/gm, '');
			exited.resolve(toExitStatus(Number(exit[1]), words.trim()));
		}
	});
	// ECONNRESET, EPIPE: the launcher was killed. Its `close` says the same.
	socket.on('error', () => {});
	socket.on('close', () => started.reject(new LauncherError(buffer)));
	return {
		started: started.promise,
		userCodeStarted: userCodeStarted.promise,
		exited,
		uncaught: () => uncaught?.(),
		isDying: () => isDying,
	};
}

/** Many daemons have errors that they outlive: to explain one takes time, so only that which somebody asks for is. */
function once<T>(make: () => T): () => T {
	let made: { readonly value: T } | undefined;
	return () => {
		made ??= { value: make() };
		return made.value;
	};
}

/** The launcher ended before there was a daemon: it was killed, or the system has no more processes. */
class LauncherError extends Error {
	constructor(words: string) {
		super(`the launcher ended before it could fork${words === '' ? '' : `: ${words.trim()}`}`);
		this.name = 'LauncherError';
	}
}
