/** Reports the death of a daemon from its owner to other processes, by a file. */
import { existsSync, mkdirSync, readFileSync, renameSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeThrown } from '../error-text.ts';
import { DaemonExitedError, type ExitStatus, type RunningDaemon } from '../index.ts';
import { hasCode } from '../os/errno.ts';
import { pollUntilUnref } from '../time/poll.ts';
import type { DeathSource, Whereabouts } from './whereabouts.ts';

interface Death {
	readonly exit: ExitStatus;
	readonly evidence: DaemonExitedError['evidence'];
	readonly cause: string | undefined;
}

const FILE = 'death.json';

/** Called by the owner: from now on others learn of the death of the daemon. */
export function tellOthers(daemon: RunningDaemon): Whereabouts {
	// Its own folder is private, and removed at the end, whoever ends it.
	const news = join(daemon.dir, 'news');
	mkdirSync(news, { mode: 0o700 });
	const { signal } = daemon;
	if (signal.aborted) tell(news, signal.reason);
	signal.addEventListener('abort', () => tell(news, signal.reason), { once: true });
	return { name: daemon.name, logFile: logFileOf(daemon), death: news };
}

function tell(news: string, { exit, evidence, cause }: DaemonExitedError): void {
	const death: Death = { exit, evidence, cause: cause === undefined ? undefined : describeThrown(cause) };
	try {
		// A reader sees all of it or nothing.
		writeFileSync(join(news, 'new'), JSON.stringify(death), { mode: 0o600 });
		renameSync(join(news, 'new'), join(news, FILE));
	} catch (error) {
		// Its folder has been removed: nobody uses it any more.
		if (!hasCode(error, 'ENOENT')) throw error;
	}
}

function logFileOf(daemon: RunningDaemon): string | undefined {
	try {
		return daemon.log.path;
	} catch {
		// There is no log.
		return undefined;
	}
}

export class DeathFile implements DeathSource {
	readonly #name: string;
	readonly #folder: string;

	constructor(name: string, folder: string) {
		this.#name = name;
		this.#folder = folder;
	}

	look(): DaemonExitedError | undefined {
		try {
			const { exit, evidence, cause }: Death = JSON.parse(readFileSync(join(this.#folder, FILE), 'utf8'));
			return new DaemonExitedError(this.#name, exit, { evidence, cause });
		} catch (error) {
			if (hasCode(error, 'ENOENT')) return undefined;
			throw error;
		}
	}

	watch(onChange: () => void): () => void {
		const over = new AbortController();
		try {
			const watcher = watch(this.#folder, { persistent: false }, onChange);
			watcher.on('error', () => watcher.close());
			over.signal.addEventListener('abort', () => watcher.close());
		} catch (error) {
			// EMFILE, ENOSPC: no inotify instance or watch is left (inotify(7)). ENOENT: it was ended.
			if (!hasCode(error, 'ENOENT')) this.#poll(onChange, over.signal);
		}
		return () => over.abort();
	}

	#poll(onChange: () => void, signal: AbortSignal): void {
		pollUntilUnref(() => existsSync(join(this.#folder, FILE)), signal).then(onChange, () => {
			// The watch is over.
		});
	}
}
