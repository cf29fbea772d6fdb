/** The errors of this library, and what each means. */
import {
	describeExit,
	describeThrown,
	type EvidenceRow,
	type ExitStatus,
	namePort,
	type Protocol,
	printRows,
} from './error-text.ts';
import { printableLines, shorten } from './printable.ts';

interface Details {
	/** Facts about the failure, printed below the first line of the message. */
	readonly evidence?: readonly EvidenceRow[];
	readonly cause?: unknown;
}

interface Port {
	readonly port: number;
	readonly protocol: Protocol;
}

/** The first line may contain a path or the value of an option, so it is cut off here. */
const LONGEST_SHORT = 2000;

/** The base of all errors of this library. */
export abstract class DaemonError extends Error {
	/** Compare this and not the message, whose wording may change. */
	abstract readonly code: `ERR_DAEMON_${string}`;
	/** The daemon's name. */
	readonly daemon: string;
	/** The first line of the message. */
	declare readonly shortMessage: string;
	/** The other lines: what was waited for, the pid, the last lines of the log since this start, hints. */
	declare readonly evidence: readonly EvidenceRow[];

	constructor(daemon: string, shortMessage: string, { evidence = [], cause }: Details = {}) {
		const short = printableLines(shorten(shortMessage, LONGEST_SHORT));
		super([short, ...printRows(evidence)].join('\n'), cause === undefined ? {} : { cause });
		this.name = new.target.name;
		this.daemon = daemon;
		// Not enumerable: test runners print an error's properties below its message, which already contains all this.
		Object.defineProperties(this, {
			shortMessage: { value: short },
			evidence: { value: evidence, configurable: true },
		});
	}
}

/** An option is unknown, missing, has a wrong value or contradicts another one. Nothing was started. */
export class InvalidOptionError extends DaemonError {
	readonly code = 'ERR_DAEMON_INVALID_OPTION';
	/** One sentence per problem. */
	readonly problems: readonly string[];

	constructor(daemon: string, problems: readonly string[]) {
		const [only = ''] = problems;
		if (problems.length <= 1) super(daemon, only);
		else
			super(daemon, `${daemon} has ${problems.length} invalid options`, {
				evidence: problems.map(problem => ['option', problem] as const),
			});
		this.problems = problems;
	}
}

/**
 * The daemon could not be launched, or ended before it was ready. Nothing of it is left. If the launch failed, `cause`
 * is the system's error, such as ENOENT for a command that does not exist; if the daemon is JavaScript, the error that
 * it threw.
 */
export class StartupError extends DaemonError {
	readonly code = 'ERR_DAEMON_STARTUP';
	/** How it ended; undefined if it was never launched. */
	readonly exit: ExitStatus | undefined;

	constructor(daemon: string, what: string, details: Details & { readonly exit?: ExitStatus }) {
		super(daemon, `${daemon} ${what}`, details);
		this.exit = details.exit;
	}
}

/** Something did not happen in time. The daemon was left as it was. */
export class TimeoutError extends DaemonError {
	readonly code: `ERR_DAEMON_${string}` = 'ERR_DAEMON_TIMEOUT';
	readonly timeoutMs: number;

	constructor(daemon: string, what: string, timeoutMs: number, details?: Details) {
		super(daemon, `${daemon} ${what}`, details);
		this.timeoutMs = timeoutMs;
	}
}

/** The daemon was running but not ready in time. It has been stopped, and nothing of it is left. */
export class StartupTimeoutError extends TimeoutError {
	override readonly code = 'ERR_DAEMON_STARTUP_TIMEOUT';
}

/**
 * The daemon was still running when the time for its shutdown was over. `shutdown()` leaves it running; a teardown has
 * forced it to end, and names the signal.
 */
export class ShutdownTimeoutError extends TimeoutError {
	override readonly code = 'ERR_DAEMON_SHUTDOWN_TIMEOUT';
}

/**
 * `shutdownCommand` could not be run, failed, or threw. `shutdown()` leaves the daemon running; a teardown has forced
 * it to end.
 */
export class ShutdownCommandError extends DaemonError {
	readonly code = 'ERR_DAEMON_SHUTDOWN_COMMAND';
}

/** A living process owns the PID file already. It was left alone, and nothing was started. */
export class AlreadyRunningError extends DaemonError {
	readonly code = 'ERR_DAEMON_ALREADY_RUNNING';
	readonly pid: number;

	constructor(daemon: string, pid: number, details: Details) {
		super(daemon, `${daemon} is already running as pid ${pid}`, details);
		this.pid = pid;
	}
}

/**
 * A process already listens on a port of the daemon; the evidence describes it. It was left alone, and nothing was
 * started.
 */
export class PortInUseError extends DaemonError {
	readonly code = 'ERR_DAEMON_PORT_IN_USE';
	readonly port: number;
	readonly protocol: Protocol;

	constructor(daemon: string, { port, protocol }: Port, details: Details) {
		const what = protocol === 'udp' ? 'is bound to' : 'listens on';
		super(daemon, `${daemon} cannot have ${namePort(port, protocol)}: something ${what} it already`, details);
		this.port = port;
		this.protocol = protocol;
	}
}

/**
 * The daemon ended while it was in use without having been asked to; or it was asked to end, and crashed or exited with
 * a code outside of `successExitCodes`. If the daemon is JavaScript, `cause` is the error that it threw.
 */
export class DaemonExitedError extends DaemonError {
	readonly code = 'ERR_DAEMON_EXITED';
	readonly exit: ExitStatus;

	constructor(daemon: string, exit: ExitStatus, details: Details & { readonly wasAsked?: boolean }) {
		const thrown = details.cause === undefined ? '' : `: ${describeThrown(details.cause)}`;
		const when = details.wasAsked ? 'while it was shutting down' : 'while it was in use';
		super(daemon, `${daemon} ${describeExit(exit)} ${when}${thrown}`, details);
		this.exit = exit;
	}
}

/** A process that outlived the daemon it belonged to. */
export interface LeakedProcess {
	readonly pid: number;
	readonly command: string;
	/** The tie to the daemon by which it was found. */
	readonly foundBy: string;
	readonly startedAt: Date;
}

/**
 * The daemon ended but left processes behind, or one of its ports is still open. The processes have been stopped,
 * unless the evidence says that one still runs. Whatever listens on the port is not known to belong to the daemon: the
 * evidence describes it, and it was left running.
 */
export class LeakError extends DaemonError {
	readonly code = 'ERR_DAEMON_LEAK';
	declare readonly survivors: readonly LeakedProcess[];
	/** The ports that still accept connections or, with UDP, that something is still bound to. */
	declare readonly openPorts: readonly number[];

	constructor(
		daemon: string,
		survivors: readonly LeakedProcess[],
		{ openPorts = [], ...details }: Details & { readonly openPorts?: readonly Port[] },
	) {
		super(daemon, `${daemon} left ${describeLeft(survivors.length, openPorts)}`, details);
		Object.defineProperties(this, {
			survivors: { value: survivors },
			openPorts: { value: openPorts.map(({ port }) => port) },
		});
	}
}

/** Such as `a process behind and port 6379 open`. */
function describeLeft(survivors: number, openPorts: readonly Port[]): string {
	const processes = survivors === 1 ? 'a process behind' : `${survivors} processes behind`;
	const numbersOf = (wanted: Protocol) =>
		openPorts.filter(({ protocol }) => protocol === wanted).map(({ port }) => port);
	const [tcp, udp] = [numbersOf('tcp'), numbersOf('udp')];
	const ports = [...describePorts('port', tcp), ...describePorts('UDP port', udp)].join(' and ');
	return [...(survivors === 0 ? [] : [processes]), ...(ports === '' ? [] : [`${ports} open`])].join(' and ');
}

function describePorts(what: string, ports: readonly number[]): string[] {
	return ports.length === 0 ? [] : [`${what}${ports.length === 1 ? '' : 's'} ${ports.join(' and ')}`];
}

/** The platform has no fork and no sessions, or /proc of Linux cannot be used. Nothing was started. */
export class UnsupportedPlatformError extends DaemonError {
	readonly code = 'ERR_DAEMON_UNSUPPORTED_PLATFORM';

	constructor(daemon: string, platform: string, why = 'withdaemon runs on Linux and macOS') {
		super(daemon, `${daemon} cannot be a daemon on ${platform}: ${why}`);
	}
}
