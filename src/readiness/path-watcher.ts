/** Watches a path by kernel events: for what appears, changes or goes there, even if its folder comes and goes. */
import { type FSWatcher, type Stats, statSync, watch } from 'node:fs';
import { basename, dirname, relative, sep } from 'node:path';
import { now } from '../time/clock.ts';
import { Deadline, type Deferred, deferred, unlessAborted } from '../time/deadline.ts';

interface WatchedFolder {
	readonly path: string;
	readonly file: Stats;
	readonly watcher: FSWatcher;
}

export class PathWatcher {
	readonly #path: string;
	/** The folder of the path or, as long as that is missing, the nearest one above it. */
	#folder: WatchedFolder | undefined;
	#hasChanged = false;
	#waiting: Deferred<void> | undefined;
	/** Why there are no events: the errno of the watch that failed. */
	failedBecause: string | undefined;

	constructor(path: string) {
		this.#path = path;
	}

	/** Call this before each look: what happens after the look is an event. */
	follow(): void {
		const { path, file } = findFolder(dirname(this.#path));
		const isSame =
			this.#folder?.path === path && this.#folder.file.ino === file.ino && this.#folder.file.dev === file.dev;
		if (isSame || this.failedBecause !== undefined) return;
		this.#folder?.watcher.close();
		this.#folder = undefined;
		try {
			const watcher = watch(path, { persistent: false }, this.#toListener(path));
			watcher.on('error', error => this.#fail(error));
			this.#folder = { path, file, watcher };
		} catch (error) {
			this.#fail(error);
		}
	}

	/** Resolves when something has changed since the last call, or when `ms` are over. */
	async next(ms: number, signal: AbortSignal): Promise<void> {
		const deadline = new Deadline(ms, now(), signal);
		const waiting = deferred<void>();
		this.#waiting = waiting;
		if (this.#hasChanged) waiting.resolve();
		try {
			await unlessAborted(waiting.promise, deadline.signal);
		} catch {
			signal.throwIfAborted();
		} finally {
			waiting.resolve();
			deadline.clear();
		}
		this.#hasChanged = false;
	}

	close(): void {
		this.#folder?.watcher.close();
	}

	/** The folder may be a busy one, so only the way to the path counts, and the end of the folder itself. */
	#toListener(folder: string): (event: string, name: string | null) => void {
		const names = [relative(folder, this.#path).split(sep)[0], basename(folder)];
		return (_, name) => {
			if (name === null || names.includes(name)) this.#changed();
		};
	}

	#changed(): void {
		this.#hasChanged = true;
		this.#waiting?.resolve();
	}

	/** EMFILE, ENOSPC: no inotify instance or watch is left (inotify(7)). EACCES: the folder cannot be read. */
	#fail(error: unknown): void {
		this.failedBecause ??= (error as NodeJS.ErrnoException).code ?? String(error);
		this.#changed();
	}
}

/** The folder, or the nearest one above it that exists. */
function findFolder(path: string): { readonly path: string; readonly file: Stats } {
	const file = look(path);
	if (file?.isDirectory()) return { path, file };
	const above = dirname(path);
	return above === path ? { path, file: statSync(path) } : findFolder(above);
}

function look(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch {
		// EACCES, ELOOP: what is there cannot be watched, but perhaps what is above it.
		return undefined;
	}
}
