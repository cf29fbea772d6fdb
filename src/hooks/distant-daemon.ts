/** A daemon of another process of ours, such as the one that runs vitest: its log, and word of its death. */
import { mkdirSync, readFileSync, renameSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeThrown } from '../error-text.ts';
import { DaemonExitedError, type ExitStatus, type RunningDaemon } from '../index.ts';
import { Log } from '../log/log.ts';
import { hasCode } from '../os/errno.ts';
import { sleep } from '../time/clock.ts';
import { unlessAborted } from '../time/deadline.ts';

/** What there is to know about it. It can be cloned and sent. */
export interface Whereabouts {
	readonly name: string;
	/** Undefined if its output cannot be read. */
	readonly logFile: string | undefined;
	/** The folder in which its owner tells of its death. */
	readonly news: string;
}

interface Death {
	readonly exit: ExitStatus;
	readonly evidence: DaemonExitedError['evidence'];
	readonly cause: string | undefined;
}

const FILE = 'death.json';

/** A connection breaks before the owner knows of the death; a failed test waits this long for the news. */
const SUSPICION_MS = 50;

/** Called by the owner: from now on others hear of the death of the daemon. */
export function tellOthers(daemon: RunningDaemon): Whereabouts {
	// Its own folder is private, and removed at the end, whoever ends it.
	const news = join(daemon.dir, 'news');
	mkdirSync(news, { mode: 0o700 });
	const { signal } = daemon;
	if (signal.aborted) tell(news, signal.reason);
	signal.addEventListener('abort', () => tell(news, signal.reason), { once: true });
	return { name: daemon.name, logFile: logFileOf(daemon), news };
}

function tell(news: string, { exit, evidence, cause }: DaemonExitedError): void {
	const death: Death = { exit, evidence, cause: cause === undefined ? undefined : describeThrown(cause) };
	try {
		// Whoever looks sees all of it or nothing.
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

export class DistantDaemon {
	readonly name: string;
	readonly #logFile: string | undefined;
	readonly #news: string;
	readonly #died = new AbortController();

	constructor({ name, logFile, news }: Whereabouts) {
		this.name = name;
		this.#logFile = logFile;
		this.#news = news;
	}

	/** Aborts at its death, if that was looked for. */
	get signal(): AbortSignal {
		return this.#died.signal;
	}

	get log(): Log | undefined {
		if (this.#logFile === undefined) return undefined;
		return new Log(this.#logFile, { name: this.name, timeout: 0 }, () => undefined);
	}

	/** Looks for its death until the returned function is called. */
	watch(): () => void {
		this.look();
		if (this.signal.aborted) return () => {};
		try {
			const watcher = watch(this.#news, { persistent: false }, () => this.look());
			watcher.on('error', () => watcher.close());
			this.look();
			return () => watcher.close();
		} catch {
			// EMFILE, ENOSPC: no inotify instance or watch is left. ENOENT: it was ended. Its death is found at the end of a test.
			return () => {};
		}
	}

	/** Whether it has died. `isSuspected`: a test has failed, perhaps because of that. */
	async hasDied(isSuspected: boolean): Promise<boolean> {
		const stop = this.watch();
		if (isSuspected) await unlessAborted(sleep(SUSPICION_MS), this.signal).catch(() => {});
		stop();
		return this.signal.aborted;
	}

	async assertNotDied(): Promise<void> {
		this.signal.throwIfAborted();
	}

	look(): void {
		if (this.signal.aborted) return;
		try {
			const { exit, evidence, cause }: Death = JSON.parse(readFileSync(join(this.#news, FILE), 'utf8'));
			this.#died.abort(new DaemonExitedError(this.name, exit, { evidence, cause }));
		} catch (error) {
			if (!hasCode(error, 'ENOENT')) throw error;
		}
	}
}
