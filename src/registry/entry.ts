/**
 * An entry of the registry: one small file per daemon, with a line of JSON for each fact that a cleaner has to know. A
 * fact is noted before it becomes true, so that the entry is never behind.
 */
import {
	appendFileSync,
	closeSync,
	constants,
	fstatSync,
	openSync,
	readFileSync,
	renameSync,
	unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../os/errno.ts';
import { randomHex } from '../os/random-hex.ts';
import { isOwnFile } from '../os/safety.ts';
import type { AskedRecord, Fact, LaunchRecord, ReleasedRecord, RunRecord } from './fact.ts';
import { parseFact } from './parse-fact.ts';

/** All facts that were noted about one daemon. */
export interface Facts {
	/** Its temporary folders. */
	readonly folders: readonly string[];
	readonly runs: readonly RunRecord[];
	readonly launches: ReadonlyMap<string, LaunchRecord>;
	/** The processes that the sleeping reaper has asked to end. */
	readonly asked: readonly AskedRecord[];
	/** What was noted when it was released; undefined if it belongs to a caller. */
	readonly released: ReleasedRecord | undefined;
}

/** Is called with what the reaper has to know while it sleeps. */
export interface LaunchListener {
	/** @param id the name of the entry. A later launch replaces an earlier one. */
	launched(id: string, run: RunRecord, launch: LaunchRecord): void;
	/** The entry is no longer in the caller's folder. */
	over(id: string): void;
}

export class Entry {
	/** A random name. */
	readonly id: string = randomHex(6);
	readonly #listener: LaunchListener | undefined;
	#path: string;
	#run: RunRecord | undefined;

	/** `callerFolder` is the path of the folder that the caller holds open. */
	constructor(callerFolder: string, listener?: LaunchListener) {
		this.#path = join(callerFolder, `${this.id}.jsonl`);
		this.#listener = listener;
	}

	note(fact: Fact): void {
		this.#append(fact);
		if ('run' in fact) this.#run = fact.run;
		if ('launched' in fact && this.#run?.marker === fact.launched.marker)
			this.#listener?.launched(this.id, this.#run, fact.launched);
	}

	#append(fact: Fact): void {
		// It begins a new line, as the disk may have been full in the middle of the last one.
		const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
		const file = openSync(this.#path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
		try {
			appendFileSync(file, `\n${JSON.stringify(fact)}\n`);
		} finally {
			closeSync(file);
		}
	}

	/**
	 * From here on nobody cleans up after the daemon when the caller dies. rename(2) has either happened or not, whenever
	 * the caller is killed.
	 */
	leaveTo(path: string): void {
		renameSync(this.#path, path);
		this.#path = path;
		this.#listener?.over(this.id);
	}

	/**
	 * Takes over the entry of a released daemon: from here on the caller's reaper ends it. Only one process succeeds.
	 *
	 * @throws ENOENT if another one was faster.
	 */
	static take(path: string, callerFolder: string): Entry {
		const entry = new Entry(callerFolder);
		renameSync(path, entry.#path);
		return entry;
	}

	/** Removes the entry, once nothing is left of the daemon. */
	remove(): void {
		try {
			unlinkSync(this.#path);
		} catch (error) {
			if (!hasCode(error, 'ENOENT')) throw error;
		}
		this.#listener?.over(this.id);
	}
}

/** A line may be cut off, if its writer was killed or the disk was full: then its fact has not become true. */
export function readEntry(path: string): Facts {
	const facts = readOwnFile(path).split('\n').flatMap(parseFact);
	return {
		folders: facts.flatMap(fact => ('folder' in fact ? [fact.folder] : [])),
		runs: facts.flatMap(fact => ('run' in fact ? [fact.run] : [])),
		launches: new Map(facts.flatMap(fact => ('launched' in fact ? [[fact.launched.marker, fact.launched]] : []))),
		asked: facts.flatMap(fact => ('asked' in fact ? [fact.asked] : [])),
		released: facts.findLast(fact => 'released' in fact)?.released,
	};
}

/** Empty for a file that another user could have written, and for a symlink, a folder or a named pipe. */
function readOwnFile(path: string): string {
	const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
	let file: number;
	try {
		// Without O_NONBLOCK, opening a named pipe would block until somebody writes to it (fifo(7)).
		file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	} catch (error) {
		if (hasCode(error, 'ELOOP', 'EACCES', 'ENXIO')) return '';
		throw error;
	}
	try {
		return isOwnFile(fstatSync(file)) ? readFileSync(file, 'utf8') : '';
	} finally {
		closeSync(file);
	}
}
