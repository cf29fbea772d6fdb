/** The PID file: written atomically, never through a symlink, removed only by its owner. Port of Servolux's PidFile. */
import {
	closeSync,
	constants,
	fchmodSync,
	fstatSync,
	lstatSync,
	openSync,
	readdirSync,
	renameSync,
	rmSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Errno, hasCode, systemError } from '../os/errno.ts';
import { randomHex } from '../os/random-hex.ts';
import type { ProcessIdentity } from '../process/identity.ts';
import { DECEASED, killAndLog } from '../process/kill-and-log.ts';
import { type Claim, judge, readClaim, type Verdict } from './claim.ts';
import { PidFileSettings } from './settings.ts';

/**
 * The processes that this caller has launched, by their PID files: they are known by identity, whatever the clock says.
 */
const launched = new Map<string, ProcessIdentity>();

export class PidFile extends PidFileSettings {
	/**
	 * Writes a pid (by default the caller's own). A reader sees the old content or the new, never a part of it.
	 *
	 * @returns the file's name.
	 * @throws a system error: ENOENT or EACCES for the folder, ELOOP if the path is a symlink, EISDIR if it is a folder,
	 * ENOSPC if the disk is full.
	 */
	write(pid: number = process.pid): string {
		const { filename } = this;
		if (this.#isDevice()) return filename;
		this.logger.debug(`Writing PID ${pid} to the PID file '${filename}'`);
		launched.delete(resolve(filename));
		const draft = this.#writeDraft(pid);
		try {
			renameSync(draft, filename);
		} catch (error) {
			rmSync(draft, { force: true });
			throw error;
		}
		return filename;
	}

	/**
	 * @internal Like {@link write}, for a process that this library launched: from now on the file means exactly this
	 * one.
	 */
	writeLaunched(identity: ProcessIdentity): void {
		this.write(identity.pid);
		this.noteLaunched(identity);
	}

	/** @internal Notes that the process in this file, which it wrote itself, was launched by this library. */
	noteLaunched(identity: ProcessIdentity): void {
		launched.set(resolve(this.filename), identity);
	}

	/**
	 * Leaves the file as it is, but throws what {@link write} would throw. Call it before a daemon is started.
	 *
	 * @throws a system error, as `write` does.
	 */
	assertWritable(): void {
		if (this.#isDevice()) return;
		rmSync(this.#writeDraft(process.pid));
	}

	/**
	 * Removes the file if it holds `pid` (by default the caller's own). Returns its name, or undefined if it does not.
	 */
	delete(pid: number = process.pid): string | undefined {
		return this.pid === pid ? this.forceDelete() : undefined;
	}

	/**
	 * Removes a regular file, unless the process that it names runs. The daemon may have written something else there, so
	 * the content does not matter. A file that cannot be read stays if another user owns it.
	 */
	deleteStale(): void {
		if (!this.exists() || this.#kind() !== 'file') return;
		const claim = this.#read();
		if (claim === 'unreadable' && lstatSync(this.filename).uid !== process.geteuid?.()) return;
		if (typeof claim !== 'object' || this.#judge(claim) !== 'living') this.forceDelete();
	}

	/** @internal Removes the file from a folder that only this caller knows, whatever it holds by now. */
	discard(): void {
		launched.delete(resolve(this.filename));
		this.logger.debug(`Deleting the PID file '${this.filename}'`);
		try {
			unlinkSync(this.filename);
		} catch {
			// ENOENT: the daemon has removed it. EISDIR, EACCES: it is removed with its folder, or an error says why not.
		}
	}

	/** Removes the drafts of writers that were killed. Call it while nobody else writes. */
	deleteDrafts(): void {
		const [folder, start] = [dirname(this.filename), `.${basename(this.filename)}.`];
		const isDraft = (name: string) => name.startsWith(start) && /^[\da-f]{8}$/.test(name.slice(start.length));
		for (const name of readdirSync(folder).filter(isDraft)) rmSync(join(folder, name), { force: true });
	}

	/**
	 * Removes the file, whatever it holds, and returns its name; undefined if there was none. A device such as /dev/null
	 * stays.
	 */
	forceDelete(): string | undefined {
		const { filename } = this;
		launched.delete(resolve(filename));
		if (!this.exists() || this.#isDevice()) return undefined;
		this.logger.debug(`Deleting the PID file '${filename}'`);
		rmSync(filename, { force: true });
		return filename;
	}

	/**
	 * Whether anything has this path, even a device. If the path cannot be inspected, that is logged, and the answer is
	 * false.
	 */
	exists(): boolean {
		return this.#look(() => this.#kind() !== undefined) === true;
	}

	/**
	 * The pid in the file; undefined if there is no regular file or no pid in it, or if it cannot be read, which is
	 * logged.
	 */
	get pid(): number | undefined {
		const claim = this.#read();
		return typeof claim === 'object' ? claim.pid : undefined;
	}

	/**
	 * The pid of the living process that the file names; undefined if that process is gone, or if the file is not
	 * believed. A file is only believed if the caller's user or root owns it, and never if it names the caller itself,
	 * one of its ancestors or process 1. A process that started after the file was written is another one with the same
	 * pid. The reason goes to the logger's `debug`.
	 */
	get livingPid(): number | undefined {
		const claim = this.#read();
		return typeof claim === 'object' && this.#judge(claim) === 'living' ? claim.pid : undefined;
	}

	/** Whether the process that the file names runs, by the rules of {@link livingPid}. */
	isAlive(): boolean {
		return this.livingPid !== undefined;
	}

	/**
	 * Signals the process that the file names, with SIGINT by default, by the rules of {@link livingPid}. If it cannot,
	 * it logs why and returns `false`. Signal 0 only asks whether the process is there.
	 */
	kill(signal: NodeJS.Signals | number | string = 'SIGINT'): boolean {
		const claim = this.#read();
		if (claim === 'unreadable') return false;
		if (claim === undefined) {
			if (signal === 0) return false;
			this.logger.error(
				`Could not find a PID file at '${this.filename}'. Most likely the process is no longer running.`,
			);
			return false;
		}
		return killAndLog(claim.pid, signal, () => this.#whyNotToKill(claim.pid), this.logger);
	}

	#whyNotToKill(pid: number): string | undefined {
		const claim = this.#read();
		const verdict = typeof claim === 'object' && claim.pid === pid ? this.#judge(claim) : 'gone';
		if (typeof verdict === 'object') return `The PID file '${this.filename}' is not believed: ${verdict.doubt}.`;
		return verdict === 'gone' ? DECEASED : undefined;
	}

	#judge(claim: Claim): Verdict {
		const verdict = judge(claim, launched.get(resolve(this.filename)));
		if (typeof verdict === 'object')
			this.logger.debug(`The PID file '${this.filename}' is not believed: ${verdict.doubt}`);
		return verdict;
	}

	#read(): Claim | 'unreadable' | undefined {
		return this.#look(() => readClaim(this.filename));
	}

	#look<T>(look: () => T): T | 'unreadable' {
		try {
			return look();
		} catch (error) {
			// The caller has run out of descriptors or memory, which says nothing about the file.
			if (hasCode(error, 'EMFILE', 'ENFILE', 'ENOMEM')) throw error;
			this.logger.error(`You do not have access to the PID file at '${this.filename}': ${(error as Error).message}`);
			return 'unreadable';
		}
	}

	/**
	 * O_EXCL refuses a symlink planted under this name (open(2)); rename(2) then replaces a symlink and does not follow
	 * it.
	 */
	#writeDraft(pid: number): string {
		const draft = join(dirname(this.filename), `.${basename(this.filename)}.${randomHex(4)}`);
		let file: number | undefined;
		try {
			file = openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, this.mode);
			// Only if the umask has removed a permission: Node's permission model does not allow fchmod(2).
			if ((fstatSync(file).mode & 0o7777) !== this.mode) fchmodSync(file, this.mode);
			writeSync(file, `${pid}\n`);
			return draft;
		} catch (error) {
			if (file !== undefined) rmSync(draft, { force: true });
			// The user does not know of the draft, so the error names the file that was asked for.
			if (hasCode(error, 'ENOENT', 'EACCES', 'ENOTDIR', 'EROFS', 'ENOSPC', 'EDQUOT'))
				throw systemError(error.code as Errno, error.syscall ?? 'open', this.filename);
			throw error;
		} finally {
			if (file !== undefined) closeSync(file);
		}
	}

	/** A device is never replaced: as root, a rename onto /dev/null would take it away from every process. */
	#isDevice(): boolean {
		const kind = this.#kind();
		if (kind === 'link') throw systemError('ELOOP', 'open', this.filename);
		if (kind === 'folder') throw systemError('EISDIR', 'open', this.filename);
		return kind === 'device';
	}

	#kind(): 'file' | 'device' | 'folder' | 'link' | undefined {
		const stats = lstatSync(this.filename, { throwIfNoEntry: false });
		if (stats === undefined) return undefined;
		if (stats.isSymbolicLink()) return 'link';
		if (stats.isDirectory()) return 'folder';
		return stats.isFile() ? 'file' : 'device';
	}
}
