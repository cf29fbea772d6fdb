/** Every option, documented once. */

import type { Hook, JavaScript } from '../javascript/command.ts';
import type { Keep } from '../kept-folder.ts';
import type { Command } from '../launch/command.ts';
import type { Captures, Pattern } from '../log/captures.ts';
import type { Logger } from '../logger.ts';
import type { PidFile } from '../pid-file/pid-file.ts';
import type { WantedPort } from '../ports/wanted.ts';
import type { Ready } from '../readiness/to-probe.ts';
import type { Server } from '../server/server.ts';
import type { WantedSockets } from '../sockets/sockets.ts';
import type { KillMode } from '../teardown/signal-daemon.ts';

/** A command to execute, or JavaScript to run in a Node process of its own. */
export type StartupCommand = Command | JavaScript;

/**
 * How a daemon is asked to end: a signal by name or number; a program to run, as in `startupCommand`; a function, which
 * the caller calls; or a `Server`. If that is the daemon's own server, the daemon is sent SIGTERM; any other is shut
 * down in the caller, where it runs. A string in capitals that names a signal, such as `'SIGTERM'` or `'TERM'`, means
 * the signal.
 */
export type ShutdownCommand =
	| NodeJS.Signals
	| number
	| Command
	| ((daemon: { readonly pid: number }) => unknown)
	| Server;

/** The options of both a {@link Daemon} and the helpers. All times are in milliseconds. */
interface CommonOptions<C extends Captures = Captures> {
	/**
	 * The command to execute. A string without shell syntax is split at its spaces and executed directly; with shell
	 * syntax it goes to `sh -c`. An array is never passed to a shell. `{pidFile}`, `{logFile}`, `{port}`, `{ports.NAME}`
	 * and, with the helpers, `{dir}` are filled in.
	 *
	 * Or JavaScript, for a Node process of its own: a self-contained function, `{ function, args }`, an export of a
	 * module as `{ module, export, args }`, or a `Server` that a module exports. An error that it throws before the
	 * daemon is ready is the `cause` of the {@link StartupError}.
	 */
	readonly startupCommand?: StartupCommand | undefined;
	/** Another name for `startupCommand`. */
	readonly server?: StartupCommand | undefined;
	/** Runs in the daemon's own process, in Node, before any other code of the user. */
	readonly afterFork?: Hook | undefined;
	/**
	 * Runs in the daemon's own process after `afterFork`, right before the process becomes the command; without a command
	 * it is not called. A command with a hook needs Node 22.15 or the optional package koffi.
	 */
	readonly beforeExec?: Hook | undefined;
	/**
	 * With `true` the command daemonizes itself: it exits with 0, and the PID file that it writes, `{pidFile}`, names the
	 * daemon, or its MAINPID does. That process is the daemon if it was made by this start. It is no child of the caller,
	 * so its exit status is unknown. Defaults to false: the command is the daemon.
	 */
	readonly forking?: boolean | undefined;
	/** How `shutdown()` asks the daemon to end. Defaults to SIGTERM with the helpers, to SIGINT for a `Daemon`. */
	readonly shutdownCommand?: ShutdownCommand | undefined;
	/**
	 * Ms for the startup and for the shutdown, unless `startupTimeout` or `shutdownTimeout` is given. Defaults to 30000.
	 */
	readonly timeout?: number | undefined;
	/** Ms until the daemon has to be ready. Defaults to `timeout`. */
	readonly startupTimeout?: number | undefined;
	/** Ms until the daemon has to be gone once it was asked to end. Defaults to `timeout`. */
	readonly shutdownTimeout?: number | undefined;
	/**
	 * The startup is given up early after this many ms without a new line in the log. Absent: only the timeout counts.
	 */
	readonly inactivityTimeout?: number | undefined;
	/**
	 * The daemon is ready when a line that was logged since this start contains this string, or matches this RegExp. Its
	 * named groups become `captures`; they are typed if the type of the pattern is a {@link TypedPattern}. A line is
	 * matched as a person sees it: without colours, and in its last state if it was overwritten. In a line of more than
	 * 4096 characters a RegExp sees 2048 at each end, with `…` between them. Absent, and no `ready` and no port: the
	 * daemon is ready when a given `logFile` changes or, without a `logFile`, when it is alive.
	 */
	readonly lookFor?: Pattern<C> | undefined;
	/**
	 * What else has to hold before the daemon is ready: a probe, such as `logged('ready')`, a URL, which stands for
	 * `responds(url)`, a function that is called again and again, or a list of these, all of which have to hold. The
	 * placeholders in strings are filled in.
	 * Absent: `listening()` for `port` and each of `ports`, except in a task of a group. Without these, or with an empty
	 * list, `lookFor` decides: its documentation says how, even if it is absent.
	 */
	readonly ready?: Ready | undefined;
	/**
	 * Keeps the caller's working directory. Defaults to true with the helpers, unless `cwd` is given. Defaults to false
	 * for a `Daemon`, which works in `/` and so keeps no file system from being unmounted.
	 */
	readonly nochdir?: boolean | undefined;
	/**
	 * The daemon's working directory: a path, relative to the caller's directory, or a `file:` URL. Absent: see
	 * `nochdir`.
	 */
	readonly cwd?: string | URL | undefined;
	/**
	 * Keeps the caller's stdin, stdout and stderr. Defaults to false: `stdin` decides about stdin, the others go to the
	 * log.
	 */
	readonly noclose?: boolean | undefined;
	/**
	 * Defaults to `'null'`: /dev/null, which is always at its end. `'open'` is a stdin that stays silent and ends with
	 * the caller or the daemon, for programs that exit at the end of stdin, such as `esbuild --watch`. It is a socket,
	 * like the `'pipe'` of `node:child_process`. Contradicts `noclose` and `startup({ exit: true })`.
	 */
	readonly stdin?: 'null' | 'open' | undefined;
	/** Variables to add to the caller's environment. Numbers become strings; `undefined` removes a variable. */
	readonly env?: Readonly<Record<string, string | number | undefined>> | undefined;
	/**
	 * The port that the daemon listens on, which is `{port}` in commands, `env` and `cwd`. If something already listens
	 * on it, the start rejects with a {@link PortInUseError}. Without `ready`, the daemon is ready when it accepts
	 * connections there, unless the port is 0. The teardown proves that nothing listens on it any more.
	 * `{ port: 'auto', protocol: 'udp' }` is a UDP port: then the daemon is ready when it is bound to it.
	 */
	readonly port?: WantedPort | undefined;
	/** Named ports, such as `{ http: 'auto', admin: 9000 }`. Each is `{ports.NAME}`, and otherwise works like `port`. */
	readonly ports?: Readonly<Record<string, WantedPort>> | undefined;
	/**
	 * Sockets that the caller listens on, and that the daemon inherits from descriptor 3 on, as from systemd
	 * (sd_listen_fds(3)): a port on 127.0.0.1, any free one with `'auto'`, or the path of a unix socket; or up to five of
	 * these with names, such as `{ http: 'auto', admin: '{dir}/admin.sock' }`. The port is bound before the daemon is
	 * launched and until its teardown, so nobody can take it, and clients that come early or during a restart wait
	 * instead of being refused. `{listen}`, or `{listen.NAME}`, is the port or the path, and `{listen.fd}`, or
	 * `{listen.NAME.fd}`, the descriptor. Ports are in `daemon.port` and `daemon.ports`. A connection does not mean that
	 * the daemon is ready: `lookFor` says that.
	 */
	readonly listen?: WantedSockets | undefined;
	/** The file mode creation mask, such as `0o027`. Absent: the caller's. */
	readonly umask?: number | undefined;
	/** The target of a signal to end: the daemon's process `'group'`, the default, or the `'process'` alone. */
	readonly killMode?: KillMode | undefined;
	/**
	 * A signal that makes the daemon log what it is doing, such as SIGQUIT for the JVM. It is sent before force is used.
	 */
	readonly diagnosticSignal?: NodeJS.Signals | number | undefined;
	/**
	 * The exit codes, such as `[0]`, that count as success once the daemon was asked to end. Any other code is an error
	 * of the teardown, as a crash always is. Absent: every exit code is a success.
	 */
	readonly successExitCodes?: readonly number[] | undefined;
	/**
	 * Whether a teardown that needed force or found survivors rejects. Defaults to true; with false it emits a process
	 * warning.
	 */
	readonly strict?: boolean | undefined;
	/** Gets a line for each step. Defaults to no logging; errors are thrown, not logged. */
	readonly logger?: Logger | undefined;
}

/** The options of a {@link Daemon}, which chooses nothing for you and cleans up only on request. */
export interface CoreOptions<C extends Captures = Captures> extends CommonOptions<C> {
	/** Names the daemon in every message. Required. */
	readonly name: string;
	/** Where its pid is written: a path, or a {@link PidFile}. `/dev/null` means no PID file. Required. */
	readonly pidFile: string | PidFile;
	/**
	 * The file that stdout and stderr are appended to. Absent: /dev/null. A change of the file means that the daemon is
	 * ready, unless `lookFor`, `ready` or a port is given. A symlink is only followed if no other user can have made it.
	 * The path may lead to a named pipe, a device or `/dev/stderr`: then there is no log to read, and the daemon is ready
	 * when it is alive. A file that is the log of another living daemon is refused.
	 */
	readonly logFile?: string | undefined;
}

/** The options of a {@link Daemon} that is a `Server`, which already has a name, a PID file and a logger. */
export type ServerDaemonOptions<C extends Captures = Captures> = Partial<CoreOptions<C>> &
	({ readonly server: Server } | { readonly startupCommand: Server });

/** The options of `withDaemon` and the other helpers: only `startupCommand`, or `server`, is required. */
export type DaemonOptions<C extends Captures = Captures> = HelperOptions<C> &
	({ readonly startupCommand: StartupCommand } | { readonly server: StartupCommand });

interface HelperOptions<C extends Captures = Captures> extends CommonOptions<C> {
	/**
	 * Names the daemon in every message. Defaults to the name of the command, the function, the module or the `Server`.
	 */
	readonly name?: string | undefined;
	/** Where its pid is written. Defaults to a file in a fresh temporary folder. */
	readonly pidFile?: string | PidFile | undefined;
	/** Like {@link CoreOptions.logFile}, but defaults to a file in a fresh temporary folder. */
	readonly logFile?: string | undefined;
	/**
	 * If it aborts during the start, the start rejects with a {@link StartupError} whose `cause` is the reason. If it
	 * aborts later, the teardown begins, and `withDaemon` rejects with the reason. Not to be confused with
	 * `daemon.signal`, which reports a death.
	 */
	readonly signal?: AbortSignal | undefined;
	/**
	 * Whether the temporary folder, with the log, is kept: if the start, the use or the teardown has `'failed'`, or
	 * `'always'`. The error shows the path in a row `kept`; without an error of this library, a process warning does.
	 * Defaults to the value of the environment variable `WITHDAEMON_KEEP`; if that is not set either, the folder is
	 * removed. When the caller is killed, only `'always'` keeps it.
	 */
	readonly keep?: Keep | undefined;
}

/** What a member of a group has in addition to the options of `withDaemon`. */
export interface MemberOptions {
	/** The members that have to be ready before this one is started. Absent: it is started at once. */
	readonly dependsOn?: string | readonly string[] | undefined;
	/**
	 * Whether it is a task, such as a migration: it has to exit with code 0 before its dependents start. Defaults to
	 * false.
	 */
	readonly task?: boolean | undefined;
	/**
	 * Variables for the environment of all members that depend on this one, directly or not. Filled in are `{port}`,
	 * `{ports.NAME}`, `{captures.NAME}`, `{dir}`, `{pidFile}` and `{logFile}`; and, with the name of a member that this
	 * one depends on before them, its own, as in `{db.port}`. Two members cannot export the same variable.
	 */
	readonly exports?: Readonly<Record<string, string>> | undefined;
}

type Optional =
	| 'afterFork'
	| 'beforeExec'
	| 'inactivityTimeout'
	| 'lookFor'
	| 'ready'
	| 'port'
	| 'listen'
	| 'umask'
	| 'diagnosticSignal'
	| 'successExitCodes'
	| 'logFile'
	| 'shutdownCommand';

/** The options after the defaults were applied, as a daemon has them as its properties. */
export type ResolvedOptions = Readonly<
	{ [K in Exclude<keyof CoreOptions, Optional | 'cwd'>]-?: Exclude<CoreOptions[K], undefined> } & {
		cwd: string;
	} & {
		[K in Optional]: CoreOptions[K] | undefined;
	}
>;
