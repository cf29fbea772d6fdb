/** Waits until every check has passed, or until that can no longer happen. */
import { setMaxListeners } from 'node:events';
import type { ExitStatus } from '../error-text.ts';
import type { DaemonProcess, Uncaught } from '../launch/daemon-process.ts';
import type { Captures } from '../log/captures.ts';
import { type Silence, type Silent, whenSilent } from '../log/silence.ts';
import { isRunning } from '../process/identity.ts';
import { Part, unlessAborted } from '../time/deadline.ts';
import type { Check, CheckResult, ProbedDaemon } from './check.ts';

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
export type NotReady = Exited | Silent;

/** Rejects with the signal's reason if the signal is aborted first. */
export async function waitUntilReady(
	checks: readonly Check[],
	daemon: ProbedDaemon,
	signal: AbortSignal,
	silence?: Silence,
): Promise<Ready | NotReady> {
	const { waiting, failing, end } = beginWaits(checks, daemon, signal, silence);
	try {
		const result = await Promise.race([failing, allOf(waiting)]);
		for (;;) {
			const { process } = daemon;
			if (isRunning(process.identity) && !process.isDying()) return result;
			// The report of its end may still be on the way, behind its last lines of the log.
			const exit = await unlessAborted(process.exited, signal);
			// Another one of its processes may have taken its place.
			if (process === daemon.process) return toExited(process, exit);
		}
	} finally {
		await end();
	}
}

type Waiting = ReturnType<Check['wait']>;

interface Waits {
	readonly waiting: readonly Waiting[];
	/** Resolves when the daemon has exited, or was silent for too long. */
	readonly failing: Promise<NotReady>;
	/** Ends the waits, and resolves with their results. */
	readonly end: () => Promise<PromiseSettledResult<CheckResult>[]>;
}

/** Begins the waits of all checks, and of what can keep them from passing. */
export function beginWaits(
	checks: readonly Check[],
	daemon: ProbedDaemon,
	signal: AbortSignal,
	silence: Silence | undefined,
): Waits {
	const part = new Part(signal);
	allowManyListeners(part.signal);
	const waiting = checks.map(check => check.wait(part.signal, daemon));
	const settled = Promise.allSettled(waiting);
	const ends: Promise<NotReady>[] = [whenExited(daemon)];
	if (silence) ends.push(whenSilent(silence, part.signal));
	// The checks look a last time, so that their reasons cover everything that the daemon logged.
	const end = async () => {
		part.end();
		const results = await settled;
		await Promise.all(checks.map(check => check.over?.()));
		return results;
	};
	return { waiting, failing: Promise.race(ends), end };
}

/** Each check listens to it, and Node warns of more than ten listeners. */
function allowManyListeners(signal: AbortSignal): void {
	try {
		setMaxListeners(0, signal);
	} catch {
		// ERR_INVALID_ARG_TYPE: a DOM such as happy-dom has replaced the class of signals, and Node does not count there.
	}
}

async function allOf(waiting: readonly Waiting[]): Promise<Ready> {
	return toReady(await Promise.all(waiting));
}

export function toReady(results: readonly CheckResult[]): Ready {
	return { kind: 'ready', captures: Object.assign({}, ...results.map(({ captures }) => captures)) };
}

async function whenExited({ ended }: ProbedDaemon): Promise<Exited> {
	const process = await ended;
	return toExited(process, await process.exited);
}

function toExited(process: DaemonProcess, exit: ExitStatus): Exited {
	return { kind: 'exited', exit, uncaught: process.uncaughtAt(exit) };
}
