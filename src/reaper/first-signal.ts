/**
 * Runs in another process: the part of the sleeping reaper's script that asks daemons to end by their signal. Becoming
 * Node takes ten times as long. It asks only the daemons that the caller has named, by a line for each launch:
 * `SLOT ENTRY PID START LAUNCHER KILLMODE SIGNAL`. A slot is used again when its daemon is over.
 */
import { constants } from 'node:os';
import type { LaunchRecord, RunRecord } from '../registry/fact.ts';

/** SIGKILL for a group has to leave out the launcher, and the others do not ask for an end: they are left to Node. */
const LEFT_TO_NODE = new Set<NodeJS.Signals>(['SIGKILL', 'SIGSTOP', 'SIGTSTP', 'SIGCONT']);

/** The script accepts slots of five digits. */
const MOST_SLOTS = 99_999;

/**
 * The line about a daemon; undefined if only Node can ask it. `slot` counts from 0. Signals have numbers, as shells
 * name them differently.
 */
export function describeDaemon(
	slot: number,
	entry: string,
	{ request, killMode }: RunRecord,
	{ identity, launcher }: LaunchRecord,
): string | undefined {
	// On macOS a start time is a date, and there is no /proc.
	const isProvable = /^\d+$/.test(identity.startTime) && slot < MOST_SLOTS;
	if (!isProvable || request.kind !== 'signal' || LEFT_TO_NODE.has(request.signal)) return undefined;
	const { pid, startTime } = identity;
	return `${slot + 1} ${entry} ${pid} ${startTime} ${launcher.pid} ${killMode} ${constants.signals[request.signal]}\n`;
}

/**
 * Reads until the caller is dead. `$said` is then its last word about its folder, and `$daemon1` to `$daemonN` are
 * lines.
 */
export const LISTEN: readonly string[] = [
	'said= last=0',
	'while read -r word rest; do',
	'  case $word in',
	'    ready | refused) said=$word ;;',
	// No slot: nothing else may get into eval, and a number with a leading zero is octal.
	"    '' | 0* | *[!0-9]* | ??????*) ;;",
	'    *) eval "daemon$word=\\$rest"; [ "$word" -le "$last" ] || last=$word ;;',
	'  esac',
	'done',
];

/**
 * Asks the daemons whose entries are still in the folder, `$1`. What is noted there before each signal keeps whoever
 * cleans up from asking again.
 */
export const ASK: readonly string[] = [
	// $1: the pid, $2: its start time. proc_pid_stat(5): the fields after the name begin with the state.
	'look() {',
	'  read -r stat <"/proc/$1/stat" || return',
	'  start=$2',
	'  set -- ${stat##*)}',
	'  state=$1 group=$3 session=$4',
	'  [ "${20}" = "$start" ] && [ "$state" != Z ] && [ "$state" != X ]',
	'}',
	// $1: the entry, $2: the pid, $3: its start time, $4: the launcher, $5: the kill mode, $6: the signal.
	'ask() {',
	'  [ $# = 6 ] || return',
	'  case $2$3$4$6 in *[!0-9]*) return ;; esac',
	'  case $1 in *[!0-9a-f]*) return ;; esac',
	'  entry=$folder/$1.jsonl',
	// A daemon whose entry is no longer here is over, or was released.
	'  [ -f "$entry" ] && [ ! -h "$entry" ] && [ -O "$entry" ] && [ "$2" -gt 1 ] && look "$2" "$3" || return',
	'  target=$2 pgid=0 at=0',
	// A group is only signalled if the launcher or the daemon leads it.
	'  if [ "$5" = group ] && [ "$group" -gt 1 ] && { [ "$group" = "$4" ] || [ "$group" = "$2" ]; }; then',
	'    target=-$group pgid=$group',
	'  fi',
	'  [ "$session" != "$4" ] || at=$now',
	'  echo "\n{\\"asked\\":{\\"pid\\":$2,\\"startTime\\":\\"$3\\",' +
		'\\"pgid\\":$pgid,\\"inSessionAt\\":$at}}" >>"$entry" || return',
	// A stopped process acts on the signal only when it is continued.
	// The older form of kill(1p): with `-s` and a group, dash needs a `--` that BusyBox refuses.
	'  kill "-$6" "$target" && kill -CONT "$target"',
	// It may have left its group since the look, by setsid(2) after a fork.
	'  [ $pgid = 0 ] || ! look "$2" "$3" || [ "$group" = $pgid ] || kill "-$6" "$2"',
	'}',
	'set -f',
	'folder=$1',
	// In the unit of start times, hundredths of a second since boot: `81.05 …` (proc_uptime(5)).
	'read -r now _ </proc/uptime; now=${now%.*}${now#*.}',
	"case $now in '' | 0* | *[!0-9]*) now=0 ;; esac",
	'while [ "$last" -gt 0 ]; do',
	'  eval "ask \\$daemon$last"',
	'  last=$((last - 1))',
	'done',
	'set +f',
];
