/** Every option, documented once. */

import type { Hook, JavaScript } from '../javascript/command.ts';
import type { Keep } from '../kept-folder.ts';
import type { Command } from '../launch/command.ts';
import type { Captures, Pattern } from '../log/captures.ts';
import type { Logger } from '../logger.ts';
import type { PidFile } from '../pid-file/pid-file.ts';
import type { WantedPort } from '../ports/ports.ts';
import { toSignal } from '../process/signals.ts';
import type { Server } from '../server/server.ts';
import type { KillMode } from '../teardown/signal-daemon.ts';

/** What a daemon is: a command to execute, or JavaScript to run in a Node process of its own. */
export type StartupCommand = Command | JavaScript;

/**
 * How a daemon is asked to end: a signal by name or number; a program to run, as in `startupCommand`; a function, which the
 * caller calls; or a `Server`: the daemon itself is sent SIGTERM, any other is shut down where it runs, in the caller. A
 * string that names a signal in capitals is one, such as `'SIGTERM'` or `'TERM'`.
 */
export type ShutdownCommand =
	| NodeJS.Signals
	| number
	| Command
	| ((daemon: { readonly pid: number }) => unknown)
	| Server;

/** What both a {@link Daemon} and the helpers take. All times are in milliseconds. */
interface CommonOptions<C extends Captures = Captures> {
	/**
	 * What to execute. A string without shell syntax is split at its spaces and executed directly; with shell syntax it
	 * goes to `sh -c`. An array never meets a shell. `{pidFile}`, `{logFile}`, `{port}`, `{ports.NAME}` and, with the
	 * helpers, `{dir}` are filled in.
	 *
	 * Or JavaScript, for a Node process of its own: a self-contained function, `{ function, args }`, an export of a module as
	 * `{ module, export, args }`, or a `Server` that a module exports. What it throws before the daemon is ready is the
	 * `cause` of the {@link StartupError}.
	 */
	readonly startupCommand?: StartupCommand | undefined;
	/** Another name for `startupCommand`. */
	readonly server?: StartupCommand | undefined;
	/** Runs in the daemon's own process before anything else of the user's does, in Node. */
	readonly afterFork?: Hook | undefined;
	/**
	 * Runs in the daemon's own process after `afterFork` and right before it becomes the command; without a command it is not
	 * called. A command with a hook needs Node 22.15, or the optional package koffi.
	 */
	readonly beforeExec?: Hook | undefined;
	/** How `shutdown()` asks the daemon to end. Defaults to SIGTERM with the helpers, to SIGINT for a `Daemon`. */
	readonly shutdownCommand?: ShutdownCommand | undefined;
	/** Ms for the startup and for the shutdown, where `startupTimeout` or `shutdownTimeout` say nothing else. Defaults to 30000. */
	readonly timeout?: number | undefined;
	/** Ms until the daemon has to be ready. Defaults to `timeout`. */
	readonly startupTimeout?: number | undefined;
	/** Ms until the daemon has to be gone once it was asked to end. Defaults to `timeout`. */
	readonly shutdownTimeout?: number | undefined;
	/** Ms without a new line in the log after which the startup is given up early. Absent: only the timeout counts. */
	readonly inactivityTimeout?: number | undefined;
	/**
	 * Ready when a line that was logged since this start contains this string, or matches this RegExp. Its named groups
	 * become `captures`, typed where the type of the pattern tells them ({@link TypedPattern}). A line is what a person sees of it: without colours, and only the last state of one that was
	 * overwritten. Of a line of more than 4096 characters a RegExp sees 2048 at each end, with `…` between them. Absent: ready when a given `logFile` changes, or without one when the daemon is alive.
	 */
	readonly lookFor?: Pattern<C> | undefined;
	/**
	 * Keeps the caller's working directory. Defaults to true with the helpers, unless `cwd` is given. Defaults to false for a
	 * `Daemon`: it works in `/`, and blocks no file system.
	 */
	readonly nochdir?: boolean | undefined;
	/** The daemon's working directory; a relative one is relative to the caller's, a `file:` URL is one, too. Absent: see `nochdir`. */
	readonly cwd?: string | URL | undefined;
	/** Keeps the caller's stdin, stdout and stderr. Defaults to false: stdin is what `stdin` says, the others are the log. */
	readonly noclose?: boolean | undefined;
	/**
	 * Defaults to `'null'`: /dev/null, which has ended already. `'open'` is a stdin on which nothing ever comes, and which ends
	 * with the caller or the daemon: for what ends with its stdin, such as `esbuild --watch`. It is a socket, as the `'pipe'` of
	 * `node:child_process`. Contradicts `noclose` and `startup({ exit: true })`.
	 */
	readonly stdin?: 'null' | 'open' | undefined;
	/** Variables to add to the caller's environment; numbers are written out, `undefined` removes one. */
	readonly env?: Readonly<Record<string, string | number | undefined>> | undefined;
	/**
	 * The port that the daemon listens on, which is `{port}` in commands, `env` and `cwd`. `'auto'` chooses a free one at the
	 * first start, and no other caller on this machine is handed it until the teardown. A number is taken as it is; the start
	 * rejects with a {@link PortInUseError} if something listens there already. A teardown proves that nothing does any more.
	 */
	readonly port?: WantedPort | undefined;
	/** More ports, or ports with names, such as `{ http: 'auto', admin: 9000 }`: each is `{ports.NAME}`, and as `port` otherwise. */
	readonly ports?: Readonly<Record<string, WantedPort>> | undefined;
	/** The file mode creation mask, such as `0o027`. Absent: the caller's. */
	readonly umask?: number | undefined;
	/** Whom a signal to end reaches: the daemon's process `'group'`, the default, or the `'process'` alone. */
	readonly killMode?: KillMode | undefined;
	/** A signal that makes the daemon tell what it does, such as SIGQUIT for the JVM: sent before force is used. */
	readonly diagnosticSignal?: NodeJS.Signals | number | undefined;
	/**
	 * The exit codes, such as `[0]`, that an end is a success with once the daemon was asked to end: any other is an error of
	 * the teardown, as a crash always is. Absent: any exit code is.
	 */
	readonly successExitCodes?: readonly number[] | undefined;
	/** Whether a teardown that needed force or found survivors rejects. Defaults to true; false makes it a process warning. */
	readonly strict?: boolean | undefined;
	/** Where to tell what is done. Defaults to silence; errors are thrown, not logged. */
	readonly logger?: Logger | undefined;
}

/** The options of a {@link Daemon}: nothing is chosen for you, and nothing is cleaned up without being asked. */
export interface CoreOptions<C extends Captures = Captures> extends CommonOptions<C> {
	/** Names the daemon in every message. Required. */
	readonly name: string;
	/** Where its pid is written: a path, or a {@link PidFile}. `/dev/null` is taken for none. Required. */
	readonly pidFile: string | PidFile;
	/**
	 * Where stdout and stderr are appended to. Absent: /dev/null. A change of it means ready, unless `lookFor` is given. A
	 * symlink is followed where no other user can have put it. It may be a named pipe, a device or `/dev/stderr`: then there
	 * is no log that could be read, and life means ready. A file that is the log of another living daemon is refused.
	 */
	readonly logFile?: string | undefined;
}

/** The options of a {@link Daemon} that is a `Server`: its name, its PID file and its logger are there already. */
export type ServerDaemonOptions<C extends Captures = Captures> = Partial<CoreOptions<C>> &
	({ readonly server: Server } | { readonly startupCommand: Server });

/** The options of `withDaemon` and its like: only `startupCommand`, or `server`, is required. */
export type DaemonOptions<C extends Captures = Captures> = HelperOptions<C> &
	({ readonly startupCommand: StartupCommand } | { readonly server: StartupCommand });

interface HelperOptions<C extends Captures = Captures> extends CommonOptions<C> {
	/** Names the daemon in every message. Defaults to the name of the command, the function, the module or the `Server`. */
	readonly name?: string | undefined;
	/** Where its pid is written. Defaults to a file in a fresh temporary folder. */
	readonly pidFile?: string | PidFile | undefined;
	/** As {@link CoreOptions.logFile}. Defaults to a file in a fresh temporary folder. */
	readonly logFile?: string | undefined;
	/**
	 * Its abort ends the start, with a {@link StartupError} whose `cause` is its reason; later it ends the daemon, by the
	 * teardown, and `withDaemon` rejects with its reason. Not to be confused with `daemon.signal`, which tells of a death.
	 */
	readonly signal?: AbortSignal | undefined;
	/**
	 * Whether the temporary folder, with the log, stays: when the start, the use or the teardown has `'failed'`, or `'always'`. The
	 * error has its path in a row `kept`; where there is no error of this library's, a process warning has it. Defaults to what the
	 * environment variable `WITHDAEMON_KEEP` says, without which the folder is removed. When the caller is killed, only
	 * `'always'` keeps it.
	 */
	readonly keep?: Keep | undefined;
}

/** What the helpers see to themselves, and a {@link Daemon} does not take. */
export type HelperOnly = Exclude<keyof DaemonOptions, keyof CoreOptions>;

type Optional =
	| 'afterFork'
	| 'beforeExec'
	| 'inactivityTimeout'
	| 'lookFor'
	| 'port'
	| 'umask'
	| 'diagnosticSignal'
	| 'successExitCodes'
	| 'logFile'
	| 'shutdownCommand';

/** The options after the defaults were applied: what a daemon carries as its properties. */
export type ResolvedOptions = Readonly<
	{ [K in Exclude<keyof CoreOptions, Optional | 'cwd'>]-?: Exclude<CoreOptions[K], undefined> } & {
		cwd: string;
	} & {
		[K in Optional]: CoreOptions[K] | undefined;
	}
>;

/** A signal by number, or by a name in capitals: `stop` and `quit` may well be programs. */
export function asSignal(value: unknown): NodeJS.Signals | undefined {
	if (typeof value === 'number') return toSignal(value);
	return typeof value === 'string' && /^[A-Z\d]+$/.test(value) ? toSignal(value) : undefined;
}
