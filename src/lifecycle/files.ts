/** The files of a daemon: its PID file, its log, and the lock that makes the log its own. */

import type { ExitStatus } from '../error-text.ts';
import { Log } from '../log/log.ts';
import { canBeRead } from '../options/log-problems.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { PidFile } from '../pid-file/pid-file.ts';
import { LogLock } from './log-lock.ts';

/** The files follow the options at construction, and again at each {@link DaemonFiles.refresh}. */
export class DaemonFiles {
	readonly #options: ResolvedOptions;
	/** The log in the temporary folder, which no other caller knows. */
	readonly #ownLog: string | undefined;
	readonly #end: () => Promise<ExitStatus> | undefined;
	pidFile: PidFile;
	log: Log | undefined;
	logLock: LogLock;

	constructor(options: ResolvedOptions, ownLog: string | undefined, end: () => Promise<ExitStatus> | undefined) {
		this.#options = options;
		this.#ownLog = ownLog;
		this.#end = end;
		this.pidFile = this.#makePidFile();
		this.logLock = this.#makeLogLock();
		this.log = this.#makeLog();
	}

	/** Call this when an option was assigned: it may name other files now. A running daemon keeps its files. */
	refresh(areInUse: boolean): void {
		const { pidFile, logFile, logger } = this.#options;
		// A PidFile of the user's has a logger of its own.
		if (pidFile === this.pidFile.filename) this.pidFile.logger = logger;
		if (areInUse) return;
		if (pidFile !== this.pidFile && pidFile !== this.pidFile.filename) this.pidFile = this.#makePidFile();
		if (logFile === this.log?.path) return;
		this.logLock.release();
		this.logLock = this.#makeLogLock();
		this.log = this.#makeLog();
	}

	#makePidFile(): PidFile {
		const { pidFile, logger } = this.#options;
		return pidFile instanceof PidFile ? pidFile : new PidFile(pidFile, logger);
	}

	#makeLogLock(): LogLock {
		const { logFile } = this.#options;
		return new LogLock(logFile === this.#ownLog ? undefined : logFile, this.#options);
	}

	#makeLog(): Log | undefined {
		const { logFile } = this.#options;
		const isReadable = logFile !== undefined && (logFile === this.#ownLog || canBeRead(logFile));
		return isReadable ? new Log(logFile, this.#options, this.#end) : undefined;
	}
}
