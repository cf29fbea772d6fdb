/**
 * Runs in another process: the script of the launcher, the `/bin/sh` between caller and daemon. The launcher leads the
 * daemon's session and process group, reports to the caller over fd 8, and ends when the caller kills it or dies. The
 * daemon's stderr is fd 9, so that messages of the loader or a shell do not get into the daemon's log. From fd 3 on are
 * the sockets that the daemon inherits, and dash only knows descriptors of one digit.
 *
 * It starts the daemon when the caller writes {@link GO}. It writes lines: `pid N` when the daemon exists, and `exit N`
 * (the shell's `$?`) when the daemon has ended. Any other text is the shell's own message about the end, such as
 * `Terminated`.
 */
import { constants } from 'node:os';
import type { ExitStatus } from '../error-text.ts';
import { toSignal } from '../process/signals.ts';
import { FIRST_SOCKET, MOST_SOCKETS } from '../sockets/descriptors.ts';
import { toLimit } from '../survivors/marker.ts';
import { becomeScript, type PackedCounts, RESTORER } from './environment.ts';

/** No process can handle the first two, SIGCHLD only reports an end, and SIGCONT only continues a process. */
const BEYOND_A_TRAP = new Set(['SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGCONT']);

/**
 * The signals that could end or stop the launcher when they are sent to its group; by number, as shells name them
 * differently.
 */
export const GROUP_SIGNALS = Object.entries(constants.signals)
	.filter(([name]) => !BEYOND_A_TRAP.has(name))
	.map(([, number]) => number)
	.join(' ');

export interface ScriptOptions {
	readonly marker: string;
	readonly umask: number | undefined;
	readonly packedCounts: PackedCounts;
	/** Whether the daemon keeps fd 8, over which JavaScript gets its task. Node does not pass it on to children. */
	readonly keepsSocket: boolean;
	/** How many sockets the daemon inherits, at most {@link MOST_SOCKETS}. */
	readonly sockets: number;
	/** The descriptor to which it writes a line when it is ready. */
	readonly notifyAt?: number | undefined;
	/**
	 * Whether libc creates the launcher: then it has inherited nothing, and may end after the daemon, as its zombie stays
	 * until the caller has reaped it.
	 */
	readonly isNative?: boolean;
}

/** The descriptor over which the launcher, and a daemon that is JavaScript, talk to the caller. */
export const CHANNEL = FIRST_SOCKET + MOST_SOCKETS;

/** The caller writes this when everything that the daemon needs is there. Until then there is only the launcher. */
export const GO = 'go\n';

/** The arguments for `/bin/sh`. ps(1) shows `name`, and the shell uses it in its messages. */
export function launcherArguments(name: string, argv: readonly string[], options: ScriptOptions): string[] {
	return shellArguments(name, launcherScript(options), argv);
}

/** The script runs by `eval`, so that it can hand itself on to another shell. It sees its arguments after a `shift`. */
export function shellArguments(name: string, script: string, argv: readonly string[]): string[] {
	return ['-c', 'eval "$1"', `withdaemon:${name}`, script, ...argv];
}

/**
 * A part of such a script that closes all descriptors above stderr but those in `kept`. Node opens its own
 * close-on-exec, but passes on those that it was started with, and a CI job would wait for ever for a pipe that a
 * daemon holds.
 */
export function closeInherited(kept: readonly number[] = []): string[] {
	return [
		'for fd in /dev/fd/*; do',
		'  fd=${fd##*/}',
		'  case $fd in',
		`    [${[0, 1, 2, ...kept].join('')}] | *[!0-9]*) ;;`,
		'    ?) eval "exec $fd>&-" ;;',
		// dash only knows descriptors of one digit. For a larger one bash takes over, which Debian and Ubuntu always have.
		// --norc: with a socket as its stdin, bash would believe that it is a remote shell, and run ~/.bashrc.
		'    *) if (eval "exec $fd>&-") 2>/dev/null; then eval "exec $fd>&-"; else',
		'         for bash in /bin/bash /usr/bin/bash /usr/local/bin/bash; do [ -x $bash ] && break; done',
		`         exec $bash --norc --posix -c 'eval "$1"' "$0" "$@"`,
		'       fi ;;',
		'  esac',
		'done',
	];
}

function launcherScript(options: ScriptOptions): string {
	const sockets = [...Array(options.sockets).keys()].map(index => FIRST_SOCKET + index);
	const kept = [...sockets, ...(options.notifyAt === undefined ? [] : [options.notifyAt]), CHANNEL, CHANNEL + 1];
	return [
		// Messages go to the caller: the shell cannot fork or, after the pid, how the daemon ended.
		'exec 2>&8',
		...(options.isNative ? [] : closeInherited(kept)),
		'shift',
		// In POSIX mode, as /bin/sh of macOS and Fedora, bash would not say which signal ended a process.
		'[ -z "$BASH_VERSION" ] || set +o posix',
		// The second place of the marker. A hard limit may refuse it; on macOS it would limit the address space.
		...(process.platform === 'linux' ? [`ulimit -S -m ${toLimit(options.marker)} 2>/dev/null`] : []),
		// A handler, not '' (ignore): exec resets a handler to the default action, but passes "ignored" on to the daemon.
		`trap : ${GROUP_SIGNALS}`,
		// EOF: the caller has died, or the start has failed, and there is nothing that somebody would have to end.
		'read -r _ <&8 || exit',
		`daemon='${daemonScript(options)}'`,
		...FORK,
		'echo "exit $?" >&8',
		...(options.isNative ? [] : STAY),
	].join('\n');
}

/**
 * While this shell exists, no other process can get its pid, so group and session stay the daemon's. The caller kills
 * it when all is done; if the caller is dead, the kernel ends the wait (EOF).
 */
const STAY = [
	`trap '' ${GROUP_SIGNALS}`,
	// Input that is still here was meant for a daemon that ended before it read it.
	'while read -r _; do :; done <&8',
];

/**
 * The daemon is in the foreground: after `&` a shell without job control ignores SIGINT and SIGQUIT in the command
 * (POSIX, 2.12). `$$` in a subshell is the pid of the shell around it, so the kernel is asked; another shell instead
 * costs an exec. It is needed where there is no /proc, and in bash, as SHLVL depends on its version after an exec in a
 * subshell.
 */
const FORK = [
	...(process.platform === 'linux'
		? [
				'if [ -z "$BASH_VERSION" ]; then',
				'(while read -r key pid; do [ "$key" != Tgid: ] || break; done </proc/self/status; eval "$daemon")',
				'else',
			]
		: []),
	'/bin/sh -c "pid=\\$\\$; $daemon" "$0" "$@"',
	...(process.platform === 'linux' ? ['fi'] : []),
];

function daemonScript({ umask, packedCounts, keepsSocket, sockets }: ScriptOptions): string {
	const setUmask = umask === undefined ? '' : `umask ${umask.toString(8).padStart(3, '0')}; `;
	// The daemon takes the sockets only if this is its own pid (sd_listen_fds(3)), which the shell keeps when it becomes
	// it.
	const setListenPid = sockets === 0 ? '' : 'export LISTEN_PID=$pid; ';
	return `${setUmask}${setListenPid}${TELL_PID}${becomeScript(packedCounts, `2>&9${keepsSocket ? '' : ' 8>&-'} 9>&-`)}`;
}

const TELL_PID = 'echo "pid $pid" >&8; ';

/** Whether this is the command line of the forked shell, or of the env(1) that it becomes before the command. */
export function isLaunching(commandLine: string): boolean {
	return commandLine.includes(TELL_PID) || commandLine.startsWith(RESTORER);
}

/**
 * `$?` is 128 + N both after signal N and after an exit with that code, as Java's. After a signal shells write a word
 * (`Killed`), except for SIGINT and SIGPIPE, where the code is the only sign.
 */
export function toExitStatus(status: number, words: string): ExitStatus {
	const signal = status > 128 ? toSignal(status - 128) : undefined;
	const isSilent = [constants.signals.SIGINT, constants.signals.SIGPIPE].includes(status - 128);
	return signal && (isSilent || words !== '') ? { code: null, signal } : { code: status, signal: null };
}
