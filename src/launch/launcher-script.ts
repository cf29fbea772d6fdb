/**
 * Runs in another process: the script of the launcher, the `/bin/sh` between caller and daemon. It leads the session and
 * the process group of the daemon, tells the caller over fd 3 what happens, and goes when the caller says so or is dead. The
 * daemon's stderr is fd 4: what the loader or a shell has to say about itself is no line of the daemon's log.
 *
 * It speaks lines: `pid N` when the daemon exists, `exit N` (the shell's `$?`) when it has ended. Whatever else it says
 * are the shell's own words about the end, such as `Terminated`.
 */
import { constants } from 'node:os';
import type { ExitStatus } from '../error-text.ts';
import { toSignal } from '../process/signals.ts';
import { toLimit } from '../survivors/marker.ts';
import { becomeScript, type PackedCounts, RESTORER } from './environment.ts';

/** No process can handle these, and the daemon's own end is news, no order. */
const BEYOND_A_TRAP = new Set(['SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGCONT']);

/** All that could end or stop the launcher when it is sent to the whole group; by number, as names differ. */
export const GROUP_SIGNALS = Object.entries(constants.signals)
	.filter(([name]) => !BEYOND_A_TRAP.has(name))
	.map(([, number]) => number)
	.join(' ');

export interface ScriptOptions {
	readonly marker: string;
	readonly umask: number | undefined;
	readonly packedCounts: PackedCounts;
	/** Whether the daemon keeps fd 3: it is JavaScript, and is told over it what to do. Node passes it to nobody. */
	readonly keepsSocket: boolean;
}

/** The arguments for `/bin/sh`. `name` is what ps(1) shows, and what the shell calls itself in its messages. */
export function launcherArguments(name: string, argv: readonly string[], options: ScriptOptions): string[] {
	return shellArguments(name, launcherScript(options), argv);
}

/** By `eval`, so that the script can hand itself on to another shell. It sees its arguments after a `shift`. */
export function shellArguments(name: string, script: string, argv: readonly string[]): string[] {
	return ['-c', 'eval "$1"', `withdaemon:${name}`, script, ...argv];
}

/**
 * Part of such a script: closes all descriptors above `last`. Node opens its own close-on-exec, but one that it was started
 * with would be passed on, and a CI job waits for ever for a pipe that a daemon holds.
 */
export function closeInherited(last: 2 | 4): string[] {
	return [
		'for fd in /dev/fd/*; do',
		'  fd=${fd##*/}',
		'  case $fd in',
		`    [0-${last}] | *[!0-9]*) ;;`,
		`    [${last + 1}-9]) eval "exec $fd>&-" ;;`,
		// dash knows descriptors of one digit only, so for a larger one bash takes over, which Debian and Ubuntu always have;
		// --norc: with a socket as its stdin it would take itself for the shell of a remote user, and run their ~/.bashrc.
		'    *) if (eval "exec $fd>&-") 2>/dev/null; then eval "exec $fd>&-"; else',
		'         for bash in /bin/bash /usr/bin/bash /usr/local/bin/bash; do [ -x $bash ] && break; done',
		`         exec $bash --norc --posix -c 'eval "$1"' "$0" "$@"`,
		'       fi ;;',
		'  esac',
		'done',
	];
}

function launcherScript(options: ScriptOptions): string {
	return [
		...closeInherited(4),
		'shift',
		// In POSIX mode, that is as /bin/sh of macOS and Fedora, bash would not say by which signal a process ended.
		'[ -z "$BASH_VERSION" ] || set +o posix',
		// The second place of the marker. Refused where a hard limit is set; on macOS it would limit the address space.
		...(process.platform === 'linux' ? [`ulimit -S -m ${toLimit(options.marker)} 2>/dev/null`] : []),
		// A handler, not '' (ignore): exec resets a handler to the default action, but hands "ignored" on to the daemon.
		`trap : ${GROUP_SIGNALS}`,
		// What is said from here on is for the caller: that the shell cannot fork, and after the pid only how the daemon ended.
		'exec 2>&3',
		// In the foreground: after `&` a shell without job control leaves SIGINT and SIGQUIT ignored for good (POSIX, 2.12).
		// A new sh, because $$ in a subshell is the pid of the shell around it.
		`/bin/sh -c '${daemonScript(options)}' "$0" "$@"`,
		'echo "exit $?" >&3',
		// As long as this shell is here, nobody else can be given its pid, and so the group and session are the daemon's.
		// The caller kills it when all is done; if the caller is dead, the kernel ends the wait (EOF).
		`trap '' ${GROUP_SIGNALS}`,
		// What is there to be read was meant for a daemon that did not live to read it.
		'while read -r _; do :; done <&3',
	].join('\n');
}

function daemonScript({ umask, packedCounts, keepsSocket }: ScriptOptions): string {
	const setUmask = umask === undefined ? '' : `umask ${umask.toString(8).padStart(3, '0')}; `;
	return `${setUmask}${TELL_PID}${becomeScript(packedCounts, `2>&4${keepsSocket ? '' : ' 3>&-'} 4>&-`)}`;
}

const TELL_PID = 'echo "pid $$" >&3; ';

/** Whether this is the command line of the inner shell, or of the env(1) that it becomes first: the command was not executed yet. */
export function isLaunching(commandLine: string): boolean {
	return commandLine.includes(TELL_PID) || commandLine.startsWith(RESTORER);
}

/**
 * `$?` is 128 + N both for a process that signal N ended and for one that exited with that code, as Java does. Shells
 * say a word about the former (`Killed`), except for SIGINT and SIGPIPE, where the code is the only sign.
 */
export function toExitStatus(status: number, words: string): ExitStatus {
	const signal = status > 128 ? toSignal(status - 128) : undefined;
	const isSilent = [constants.signals.SIGINT, constants.signals.SIGPIPE].includes(status - 128);
	return signal && (isSilent || words !== '') ? { code: null, signal } : { code: status, signal: null };
}
