/** Lets only one command at a time start, stop or restart a released daemon of a name. */
import { TimeoutError } from '../errors.ts';
import { nameLock, type Release, tryLock, whoHolds } from '../lock.ts';
import { locateRegistry } from '../registry/folder.ts';
import { now } from '../time/clock.ts';
import { intervalMs, pause } from '../time/poll.ts';

/** Is called once for each daemon with the command that has it; undefined if that cannot be found out. */
export type OnWait = (name: string, worker: Worker | undefined) => void;

/** A command that is at work on a daemon. */
export interface Worker {
	readonly act: 'start' | 'stop' | 'restart' | 'clean';
	readonly pid: number;
}

interface Waiting {
	readonly signal: AbortSignal;
	readonly onWait: OnWait | undefined;
	/** Ms for each daemon. */
	readonly longest?: number;
}

/** Longer than starts take: this is for a command that hangs, or that was stopped by a signal. */
const LONGEST_MS = 600_000;

/** A command that only looks whether another one is at work has the lock for less than this. */
const LOOK_MS = 100;

/**
 * Resolves with the locks of these daemons, which the kernel releases when this process dies. All commands take them in
 * the same order, so no two wait for each other.
 *
 * @throws {@link TimeoutError} if another command is not done with one of them; the signal's reason if that is aborted.
 */
export async function lockDaemons(
	checkout: string,
	names: Iterable<string>,
	act: Worker['act'],
	{ signal, onWait, longest = LONGEST_MS }: Waiting,
): Promise<Release> {
	const taken: Release[] = [];
	const releaseAll = () => {
		for (const release of taken) release();
	};
	try {
		for (const name of [...new Set(names)].sort()) taken.push(await lock(name));
	} catch (error) {
		releaseAll();
		throw error;
	}
	return releaseAll;

	async function lock(name: string): Promise<Release> {
		const startedAt = now();
		for (let isTold = false; ; ) {
			signal.throwIfAborted();
			const release = await tryLock(lockOf(checkout, name), `${act} ${process.pid}`);
			if (release) return release;
			if (now() - startedAt > longest) throw toTimeout(name, longest, await findWorker(checkout, name));
			if (!isTold && now() - startedAt > LOOK_MS) {
				isTold = true;
				onWait?.(name, await findWorker(checkout, name));
			}
			await pause(intervalMs(now() - startedAt), signal);
		}
	}
}

function toTimeout(name: string, ms: number, worker: Worker | undefined): TimeoutError {
	return new TimeoutError(name, `was not looked at, as ${nameWorker(worker)} was not done with it within ${ms} ms`, ms);
}

/** For the middle of a sentence. */
export const nameWorker = (worker: Worker | undefined): string =>
	worker === undefined ? 'another command' : `\`${worker.act}\`, process ${worker.pid},`;

/** A command on a busy machine may be slow to answer. */
const MOST_QUESTIONS = 20;

/** The command that is at work on a daemon; undefined if there is none, or if it does not answer. */
export async function findWorker(checkout: string, name: string): Promise<Worker | undefined> {
	const lock = lockOf(checkout, name);
	for (let question = 1; question <= MOST_QUESTIONS; question += 1) {
		const [, act, pid] = /^(start|stop|restart|clean) (\d+)$/.exec((await whoHolds(lock)) ?? '') ?? [];
		if (act !== undefined) return { act: act as Worker['act'], pid: Number(pid) };
		const release = await tryLock(lock);
		release?.();
		if (release) return undefined;
	}
	return undefined;
}

/** The lock has the path of the registry in its name, as each user has another registry. */
const lockOf = (checkout: string, name: string) => nameLock('released', locateRegistry(), checkout, name);
