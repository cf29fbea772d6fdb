/**
 * A folder that was checked and is held open. A path may lead to something else at the next call, so the check and the
 * use share one descriptor.
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
	rmdirSync,
	type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../os/errno.ts';
import { explainUnsafeFolder, explainUnsafeParent } from '../os/safety.ts';

/** Another user could have written to a folder, so nothing in it can be trusted. */
export class RegistryError extends Error {
	constructor(folder: string, what: string) {
		super(`${folder} ${what}: remove it, or set XDG_RUNTIME_DIR or TMPDIR to a folder of your own`);
		this.name = 'RegistryError';
	}
}

export class HeldFolder {
	/** The path for messages, which may lead elsewhere by now. */
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
		// Node has no openat(2), but Linux resolves this link to exactly the folder that is open (proc_pid_fd(5)).
		const link = `/proc/self/fd/${descriptor}`;
		this.#path = process.platform === 'linux' && existsSync(link) ? link : path;
	}

	/** Holds the folder above the registry. It may be a symlink, as `/tmp` is on macOS. */
	static holdParent(path: string): HeldFolder {
		return new HeldFolder(path, path, 0, explainUnsafeParent);
	}

	/** @throws {@link RegistryError} if other users can write to it; ENOENT. */
	enter(child: string): HeldFolder {
		// A planted symlink could lead to another folder of this user.
		return new HeldFolder(join(this.name, child), this.path(child), constants.O_NOFOLLOW, explainUnsafeFolder);
	}

	/** Like {@link enter}, but makes the folder if there is none. */
	make(child: string): HeldFolder {
		try {
			// mkdir(2) applies the umask, which can only make the mode stricter.
			mkdirSync(this.path(child), { mode: 0o700 });
		} catch (error) {
			if (!hasCode(error, 'EEXIST')) throw error;
		}
		return this.enter(child);
	}

	/** The path of a child, wherever the folder itself is by now. */
	path(child: string): string {
		return join(this.#path, child);
	}

	list(): string[] {
		return readdirSync(this.#path);
	}

	/** Whether its path still leads to it. */
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
		// For a symlink the code is ELOOP or ENOTDIR, depending on the platform.
		if (hasCode(error, 'ENOTDIR', 'ELOOP')) throw new RegistryError(name, 'is not a folder');
		const problem = hasCode(error, 'EACCES') ? explainUnsafeFolder(lstatSync(path)) : undefined;
		throw problem === undefined ? error : new RegistryError(name, problem);
	}
}

/** Goes down from the folder above the registry. Each level is checked, and held until the next level is held. */
export function descend(parent: string, levels: readonly string[]): HeldFolder {
	return goDown(parent, levels, (folder, child) => folder.enter(child));
}

/** Other processes may remove the folders at most this often in a row. */
const MOST_ATTEMPTS = 100;

/** Like {@link descend}, but makes the levels that are missing. */
export function makeAndDescend(parent: string, levels: readonly string[]): HeldFolder {
	for (let attempt = 1; ; attempt += 1) {
		try {
			return goDown(parent, levels, (folder, child) => folder.make(child));
		} catch (error) {
			// The last process that used the folders has left meanwhile, and removed them.
			if (attempt === MOST_ATTEMPTS || !hasCode(error, 'ENOENT')) throw error;
		}
	}
}

function goDown(
	parent: string,
	levels: readonly string[],
	step: (folder: HeldFolder, child: string) => HeldFolder,
): HeldFolder {
	let held = HeldFolder.holdParent(parent);
	for (const child of levels) {
		const above = held;
		try {
			held = step(above, child);
		} finally {
			above.close();
		}
	}
	return held;
}

/** Removes folders as long as they are empty. */
export function removeWhileEmpty(folders: readonly string[]): void {
	for (const folder of folders) {
		try {
			rmdirSync(folder);
		} catch {
			// ENOTEMPTY: others use it. ENOENT: another process has removed it.
			return;
		}
	}
}
