/** The PID file: written atomically, never through a symlink, removed only by its owner. Port of Servolux's PidFile. */
import { randomBytes } from 'node:crypto';
import {
	closeSync,
	constants,
	fchmodSync,
	lstatSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Logger, silentLogger } from './logger.ts';
import { type Errno, hasCode, systemError } from './process/errno.ts';
import { identify } from './process/identity.ts';
import { sendSignal, toSignal } from './process/signals.ts';
import { withSpare } from './process/spare.ts';
import { readProcess, startedAt } from './process/table.ts';

/** Where a PID file is: its exact path, or a name to derive it from. */
export interface PidFileOptions {
	/** Gives the file its name: `'My Server'` becomes `my_server.pid`. */
	readonly name: string;
	/** The folder. Defaults to the working directory. */
	readonly path?: string;
	/** Permissions, exact whatever the umask. Defaults to 0640. */
	readonly mode?: number;
	/** Told what `kill` did or could not do. Defaults to silence. */
	readonly logger?: Logger;
}

/** The clock of the file system and that of the process table differ by a tick or, where ps is asked, by a second. */
const CLOCK_TOLERANCE_MS = process.platform === 'linux' ? 100 : 1500;

export class PidFile {
	readonly filename: string;
	readonly mode: number;
	readonly #logger: Logger;

	/** @param options a path, taken as it is, or what to derive one from. */
	constructor(options: string | PidFileOptions, logger: Logger = silentLogger) {
		const { name, path, mode = 0o640 } = typeof options === 'string' ? { name: '', path: options } : options;
		this.filename = name === '' && path !== undefined ? path : join(path ?? '.', fileNameFor(name));
		this.mode = mode;
		this.#logger = (typeof options === 'string' ? undefined : options.logger) ?? logger;
	}

	/**
	 * Writes a pid (by default the caller's own). A reader sees the old content or the new, never a part.
	 *
	 * @throws a system error: ENOENT or EACCES for the folder, ELOOP if the path is a symlink, EISDIR if it is a folder,
	 * ENOSPC if the disk is full.
	 */
	write(pid: number = process.pid): void {
		if (this.#isDevice()) return;
		const draft = this.#writeDraft(pid);
		try {
			renameSync(draft, this.filename);
		} catch (error) {
			rmSync(draft, { force: true });
			throw error;
		}
	}

	/**
	 * Leaves the file as it is, but throws what {@link write} would: to be asked before a daemon is started.
	 *
	 * @throws a system error, as `write` does.
	 */
	assertWritable(): void {
		if (this.#isDevice()) return;
		rmSync(this.#writeDraft(process.pid));
	}

	/** Removes the file if it holds `pid` (by default the caller's own). Answers whether it did. */
	delete(pid: number = process.pid): boolean {
		if (this.pid !== pid) return false;
		this.forceDelete();
		return true;
	}

	/**
	 * Removes a regular file, whatever it holds, unless the process it speaks of runs: what is left when the daemon that it
	 * was made for has written something else there.
	 */
	deleteStale(): void {
		if (this.#kind() === 'file' && this.livingPid === undefined) this.forceDelete();
	}

	/** Removes what writers have left that were killed on the way. To be called while nobody else writes. */
	deleteDrafts(): void {
		const [folder, start] = [dirname(this.filename), `.${basename(this.filename)}.`];
		const isDraft = (name: string) => name.startsWith(start) && /^[\da-f]{8}$/.test(name.slice(start.length));
		for (const name of readdirSync(folder).filter(isDraft)) rmSync(join(folder, name), { force: true });
	}

	/** Removes the file, whatever it holds. A device such as /dev/null stays. */
	forceDelete(): void {
		if (!this.#isDevice()) rmSync(this.filename, { force: true });
	}

	exists(): boolean {
		return this.#kind() !== undefined;
	}

	/** The pid in the file; undefined if there is no regular file, or no pid in it. Of more lines, as PostgreSQL writes, the first counts. */
	get pid(): number | undefined {
		if (this.#kind() !== 'file') return undefined;
		try {
			const content = withSpare(() => readFileSync(this.filename, 'latin1'));
			return /^\s*[1-9]\d*\s*(?:\n|$)/.test(content) ? Number.parseInt(content, 10) : undefined;
		} catch (error) {
			if (hasCode(error, 'ENOENT')) return undefined;
			throw error;
		}
	}

	/**
	 * The pid of the living process that the file speaks of; undefined if that process is gone. A process that started
	 * after the file was written is another one that was given the same pid.
	 */
	get livingPid(): number | undefined {
		const pid = this.pid;
		if (pid === undefined || identify(pid) === undefined) return undefined;
		const facts = readProcess(pid);
		const written = lstatSync(this.filename, { throwIfNoEntry: false })?.mtimeMs;
		if (facts === undefined || written === undefined) return undefined;
		return startedAt(facts) <= written + CLOCK_TOLERANCE_MS ? pid : undefined;
	}

	/** Whether the process that the file speaks of runs. EACCES on the file is logged, and means no. */
	isAlive(): boolean {
		try {
			return this.livingPid !== undefined;
		} catch (error) {
			if (!hasCode(error, 'EACCES')) throw error;
			this.#logger.error(`You do not have access to the PID file at '${this.filename}': ${error.message}`);
			return false;
		}
	}

	/** Signals the process in the file, SIGINT by default. Logs why and answers `false` if it could not. */
	kill(signal: NodeJS.Signals | number | string = 'SIGINT'): boolean {
		try {
			const pid = this.pid;
			if (pid === undefined) {
				this.#logger.error(
					`Could not find a PID file at '${this.filename}'. Most likely the process is no longer running.`,
				);
				return false;
			}
			return killAndLog(pid, signal, () => this.livingPid === pid, this.#logger);
		} catch (error) {
			if (!hasCode(error, 'EACCES')) throw error;
			this.#logger.error(error.message);
			return false;
		}
	}

	/** O_EXCL: a symlink planted under this name is refused (open(2)); rename(2) then replaces a link, it follows none. */
	#writeDraft(pid: number): string {
		const draft = join(dirname(this.filename), `.${basename(this.filename)}.${randomBytes(4).toString('hex')}`);
		let file: number | undefined;
		try {
			file = openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, this.mode);
			fchmodSync(file, this.mode);
			writeSync(file, `${pid}\n`);
			return draft;
		} catch (error) {
			if (file !== undefined) rmSync(draft, { force: true });
			// The draft is our own affair: the error names the file that was asked for.
			if (hasCode(error, 'ENOENT', 'EACCES', 'ENOTDIR', 'EROFS', 'ENOSPC', 'EDQUOT'))
				throw systemError(error.code as Errno, error.syscall ?? 'open', this.filename);
			throw error;
		} finally {
			if (file !== undefined) closeSync(file);
		}
	}

	/** A device takes no pid and is never replaced: as root, a rename onto /dev/null would take it from everybody. */
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

/**
 * Signals a process if `isOurs` says so at the last moment; otherwise, or if the system refuses, logs the reason and
 * answers `false`. The texts are the seed's.
 */
export function killAndLog(
	pid: number,
	signal: NodeJS.Signals | number | string,
	isOurs: () => boolean,
	logger: Logger,
): boolean {
	const name = toSignal(signal);
	const failed = `Failed to kill PID ${pid} with ${name ?? signal}:`;
	if (name === undefined) {
		logger.error(`${failed} '${signal}' is an invalid or unsupported signal number.`);
		return false;
	}
	logger.info(`Killing PID ${pid} with ${name}`);
	const outcome = isOurs() ? sendSignal(pid, name) : 'ESRCH';
	if (outcome === 'sent') return true;
	const reasons = {
		EINVAL: `'${signal}' is an invalid or unsupported signal number.`,
		EPERM: 'Insufficient permissions.',
		ESRCH: 'Process is deceased or zombie.',
	};
	logger.error(`${failed} ${reasons[outcome]}`);
	return false;
}

const fileNameFor = (name: string) => `${name.toLowerCase().replaceAll(' ', '_')}.pid`;
