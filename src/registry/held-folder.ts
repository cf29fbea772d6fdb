/**
 * A folder that was checked and is held open. What stands at a path may be another thing by the next call, so the check and
 * the use go by the same descriptor.
 */
import {
	closeSync,
	constants,
	existsSync,
	fstatSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../os/errno.ts';
import { explainUnsafeFolder, explainUnsafeParent } from './safety.ts';

/** Somebody else could write there, or has: nothing that stands in it can be trusted. */
export class RegistryError extends Error {
	constructor(folder: string, what: string) {
		super(`${folder} ${what}: remove it, or set XDG_RUNTIME_DIR or TMPDIR to a folder of your own`);
		this.name = 'RegistryError';
	}
}

export class HeldFolder {
	/** For messages: it may lead elsewhere by now. */
	readonly name: string;
	readonly #descriptor: number;
	readonly #path: string;

	private constructor(name: string, path: string, flags: number, explain: (stats: Stats) => string | undefined) {
		const descriptor = open(path, name, flags);
		const problem = explain(fstatSync(descriptor));
		if (problem !== undefined) {
			closeSync(descriptor);
			throw new RegistryError(name, problem);
		}
		this.name = name;
		this.#descriptor = descriptor;
		// Node has no openat(2), but Linux resolves this link to the very folder that is open (proc_pid_fd(5)).
		const link = `/proc/self/fd/${descriptor}`;
		this.#path = process.platform === 'linux' && existsSync(link) ? link : path;
	}

	/** The folder for temporary files, or another one in which the registry is. It may be a link, as `/tmp` is on macOS. */
	static holdParent(path: string): HeldFolder {
		return new HeldFolder(path, path, 0, explainUnsafeParent);
	}

	/** @throws {@link RegistryError} for one that is not ours alone; ENOENT. */
	enter(child: string): HeldFolder {
		// A link that was planted there would lead us to another folder of our own.
		return new HeldFolder(join(this.name, child), this.path(child), constants.O_NOFOLLOW, explainUnsafeFolder);
	}

	/** As {@link enter}, of a folder that is made if there is none. */
	make(child: string): HeldFolder {
		try {
			// mkdir(2) takes the umask off the mode: it can only become stricter.
			mkdirSync(this.path(child), { mode: 0o700 });
		} catch (error) {
			if (!hasCode(error, 'EEXIST')) throw error;
		}
		return this.enter(child);
	}

	/** Of what is in it, wherever the folder itself is by now. */
	path(child: string): string {
		return join(this.#path, child);
	}

	list(): string[] {
		return readdirSync(this.#path);
	}

	/** Whether the path that it was found by leads to it still. */
	isInPlace(): boolean {
		const there = lstatSync(this.name, { throwIfNoEntry: false });
		const held = fstatSync(this.#descriptor);
		return there?.ino === held.ino && there.dev === held.dev;
	}

	close(): void {
		closeSync(this.#descriptor);
	}
}

function open(path: string, name: string, flags: number): number {
	try {
		return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | flags);
	} catch (error) {
		// ELOOP or ENOTDIR for a link, as the platform likes.
		if (hasCode(error, 'ENOTDIR', 'ELOOP')) throw new RegistryError(name, 'is no folder');
		const problem = hasCode(error, 'EACCES') ? explainUnsafeFolder(lstatSync(path)) : undefined;
		throw problem === undefined ? error : new RegistryError(name, problem);
	}
}
