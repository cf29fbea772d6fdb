/** Waits until every check has passed, or until that can no longer happen. */
import type { ExitStatus } from '../error-text.ts';
import type { Uncaught } from '../launch/daemon-process.ts';
import type { Captures } from '../log/captures.ts';
import type { Log } from '../log/log.ts';
import { whenSilent } from '../log/silence.ts';
import { isRunning } from '../process/identity.ts';
import { unlessAborted } from '../time/deadline.ts';
import type { Check, ProbedDaemon } from './check.ts';

/** All checks have passed. */
export interface Ready {
	readonly kind: 'ready';
	/** The named groups of all patterns. */
	readonly captures: Captures;
}

export interface Exited {
	readonly kind: 'exited';
	readonly exit: ExitStatus;
	/** The error that its JavaScript threw, if that ended it. */
	readonly uncaught: Uncaught | undefined;
}

/** Why the checks will not pass. */
export type NotReady = Exited | { readonly kind: 'silent'; readonly ms: number };

/** How long the daemon may log nothing. */
export interface Silence {
	readonly log: Log;
	readonly ms: number;
}

/** Rejects with the signal's reason if the signal is aborted first. */
export async function waitUntilReady(
	checks: readonly Check[],
	daemon: ProbedDaemon,
	signal: AbortSignal,
	silence?: Silence,
): Promise<Ready | NotReady> {
	const over = new AbortController();
	const either = AbortSignal.any([signal, over.signal]);
	const waiting = checks.map(check => check.wait(either, daemon));
	const waits: Promise<Ready | NotReady>[] = [whenExited(daemon), allOf(waiting)];
	if (silence) waits.push(whenSilent(silence.log, silence.ms, either).then(() => ({ kind: 'silent', ms: silence.ms })));
	try {
		const result = await Promise.race(waits);
		// The report of its end may still be on the way, behind its last lines of the log.
		if (!isRunning(daemon.process.identity) || daemon.process.isDying())
			return await unlessAborted(whenExited(daemon), signal);
		return result;
	} finally {
		over.abort();
		// The checks look a last time, so that their reasons cover everything that the daemon logged.
		await Promise.allSettled(waiting);
	}
}

async function allOf(waiting: readonly ReturnType<Check['wait']>[]): Promise<Ready> {
	return toReady(await Promise.all(waiting));
}

export function toReady(results: readonly Awaited<ReturnType<Check['wait']>>[]): Ready {
	return { kind: 'ready', captures: Object.assign({}, ...results.map(({ captures }) => captures)) };
}

export async function whenExited({ process }: ProbedDaemon): Promise<Exited> {
	const exit = await process.exited;
	return { kind: 'exited', exit, uncaught: process.uncaughtAt(exit) };
}
