/** Tells that a log has changed, by kernel events: inotify, or kqueue and FSEvents on macOS. */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { hasCode } from '../os/errno.ts';
import { type Deferred, deferred, unlessAborted } from '../time/deadline.ts';
import { pause } from '../time/poll.ts';

const POLL_MS = 10;

export class LogWatcher {
	readonly #path: string;
	readonly #name: string;
	/** Follows the file that is written to, also after it was renamed or unlinked. */
	#file: FSWatcher | undefined;
	/** Sees a new file appear under the path. */
	#folder: FSWatcher | undefined;
	#hasChanged = false;
	#waiting: Deferred<void> | undefined;
	/** Why the log is polled: the errno of a watch that could not be had. */
	pollingBecause: string | undefined;

	constructor(path: string) {
		this.#path = path;
		this.#name = basename(path);
		this.#folder = this.#watch(dirname(path), (event, name) => {
			// A write is told by the watch on the file itself: here only what appears, moves or goes.
			if (event === 'change' || (name !== null && name !== this.#name)) return;
			this.#watchFile();
			this.#changed();
		});
		this.#watchFile();
	}

	/** Resolves when the log has changed since the last call; at once if it has by then. */
	async next(signal: AbortSignal): Promise<void> {
		if (this.pollingBecause !== undefined) return await pause(POLL_MS, signal);
		if (!this.#hasChanged) {
			this.#waiting = deferred();
			await unlessAborted(this.#waiting.promise, signal);
		}
		this.#hasChanged = false;
	}

	close(): void {
		this.#file?.close();
		this.#folder?.close();
	}

	#watchFile(): void {
		const file = this.#watch(this.#path, () => this.#changed());
		// There is none any more: but who had it open writes to it all the same.
		if (file === undefined) return;
		this.#file?.close();
		this.#file = file;
	}

	#changed(): void {
		this.#hasChanged = true;
		this.#waiting?.resolve();
	}

	#watch(path: string, listener: (event: string, name: string | null) => void): FSWatcher | undefined {
		try {
			const watcher = watch(path, { persistent: false }, listener);
			watcher.on('error', error => this.#poll(error));
			return watcher;
		} catch (error) {
			// The log may come later: the watch on its folder sees it.
			if (!(path === this.#path && hasCode(error, 'ENOENT'))) this.#poll(error);
			return undefined;
		}
	}

	/** Whatever the reason, asking still works. EMFILE, ENOSPC: no inotify instance or watch is left (inotify(7)). */
	#poll(error: unknown): void {
		this.pollingBecause ??= (error as NodeJS.ErrnoException).code ?? String(error);
		this.#changed();
	}
}
