/** Watches a log for changes by kernel events: inotify, or kqueue and FSEvents on macOS. */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { hasCode } from '../os/errno.ts';
import { nextTurn, sleep } from '../time/clock.ts';
import { type Deferred, deferred, unlessAborted } from '../time/deadline.ts';
import { pause } from '../time/poll.ts';

const POLL_MS = 10;
/** On macOS, a change of which no event has told is seen this many ms later at most. */
const STRAY_MS = 1000;

export class LogWatcher {
	readonly #path: string;
	readonly #name: string;
	/** Follows the file that the daemon writes to, even after it was renamed or unlinked. */
	#file: FSWatcher | undefined;
	/** Sees a new file appear under the path. */
	#folder: FSWatcher | undefined;
	#hasChanged = false;
	#isClosed = false;
	#waiting: Deferred<void> | undefined;
	/** Why the log is polled: the errno of the watch that failed. */
	pollingBecause: string | undefined;

	constructor(path: string) {
		this.#path = path;
		this.#name = basename(path);
		this.#folder = this.#watch(dirname(path), (event, name) => {
			// The watch on the file itself reports writes; here only names that appear, move or go matter.
			if (event === 'change' || (name !== null && name !== this.#name)) return;
			this.#watchFile();
			this.#changed();
		});
		this.#watchFile();
		if (process.platform === 'darwin') void this.#lookNowAndThen();
	}

	/**
	 * libuv hands a watch to kqueue when the event loop waits the next time, which may be in the turn after this one, and
	 * to FSEvents in another thread. What happens before that is no event.
	 */
	async #lookNowAndThen(): Promise<void> {
		await nextTurn();
		await nextTurn();
		while (!this.#isClosed) {
			this.#changed();
			await sleep(STRAY_MS, { ref: false });
		}
	}

	/** Resolves when the log has changed since the last call; at once if it already has. */
	async next(signal: AbortSignal): Promise<void> {
		if (this.pollingBecause !== undefined) return await pause(POLL_MS, signal);
		if (!this.#hasChanged) {
			const waiting = deferred<void>();
			this.#waiting = waiting;
			await unlessAborted(waiting.promise, signal).finally(() => waiting.resolve());
		}
		this.#hasChanged = false;
	}

	close(): void {
		this.#isClosed = true;
		this.#file?.close();
		this.#folder?.close();
		this.#waiting?.resolve();
	}

	#watchFile(): void {
		const file = this.#watch(this.#path, () => this.#changed());
		// No file has the path any more, but the daemon may still have the old one open and write to it.
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
			// ENOENT: the log may be created later, and the watch on its folder will see that.
			if (!(path === this.#path && hasCode(error, 'ENOENT'))) this.#poll(error);
			return undefined;
		}
	}

	/** Polling works whatever the reason. EMFILE, ENOSPC: no inotify instance or watch is left (inotify(7)). */
	#poll(error: unknown): void {
		this.pollingBecause ??= (error as NodeJS.ErrnoException).code ?? String(error);
		this.#changed();
	}
}
