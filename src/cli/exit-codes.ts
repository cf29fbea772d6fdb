/** The exit codes of `withdaemon`, and which of them an error stands for. */

export const EXIT = {
	done: 0,
	/** A fault of the CLI itself. */
	bug: 1,
	usage: 2,
	/** As LSB has it for the action `status`. */
	notRunning: 3,
	/** A process or a port was left, or force was needed. */
	unclean: 4,
	failedToStart: 5,
	timedOut: 124,
	cannotExecute: 126,
	notFound: 127,
} as const;

/** By the code of an error: importing its class would import the library. */
const BY_ERROR: Readonly<Record<string, number>> = {
	ERR_DAEMON_INVALID_OPTION: EXIT.usage,
	ERR_DAEMON_STARTUP: EXIT.failedToStart,
	ERR_DAEMON_ALREADY_RUNNING: EXIT.failedToStart,
	ERR_DAEMON_PORT_IN_USE: EXIT.failedToStart,
	ERR_DAEMON_UNSUPPORTED_PLATFORM: EXIT.failedToStart,
	ERR_DAEMON_STARTUP_TIMEOUT: EXIT.timedOut,
	ERR_DAEMON_TIMEOUT: EXIT.timedOut,
	ERR_DAEMON_EXITED: EXIT.notRunning,
	ERR_DAEMON_SHUTDOWN_TIMEOUT: EXIT.unclean,
	ERR_DAEMON_SHUTDOWN_COMMAND: EXIT.unclean,
	ERR_DAEMON_LEAK: EXIT.unclean,
};

/** CMD cannot be run: 127 if there is no such program, else 126. */
export class CannotRunError extends Error {
	/** Not a code of the library. */
	readonly code = 'CANNOT_RUN';
	readonly exitCode: number;

	constructor(file: string, error: unknown) {
		const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
		const reason = isMissing ? 'there is no such program' : error instanceof Error ? error.message : String(error);
		const hint = /[\s|&;<>()$`]/.test(file) ? `, and no shell was asked for: try sh -c '${file}'` : '';
		super(`withdaemon cannot run ${file}: ${reason}${hint}`);
		this.exitCode = isMissing ? EXIT.notFound : EXIT.cannotExecute;
	}
}

/** Of several errors the first one counts. */
export function exitCodeOf(error: unknown): number {
	if (error instanceof AggregateError) return exitCodeOf(error.errors[0]);
	if (error instanceof CannotRunError) return error.exitCode;
	if (hasNoFolder(error)) return EXIT.usage;
	return isExpected(error) ? (BY_ERROR[error.code] ?? EXIT.bug) : EXIT.bug;
}

/** Whether `process.cwd()` has thrown it. */
export const hasNoFolder = (error: unknown) =>
	error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';

/** Whether it is an error of this library, whose text says everything. */
export function isExpected(error: unknown): error is Error & { readonly code: string } {
	return (
		error instanceof CannotRunError || (error instanceof Error && 'code' in error && String(error.code) in BY_ERROR)
	);
}
