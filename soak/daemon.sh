#!/bin/sh
# A daemon of the soak, or a child of one: notes its identity first, and then behaves as its mode says.
# daemon.sh MODE NOTES CYCLE [PID_FILE]
mode=$1 notes=$2 cycle=$3 pid_file=$4
read -r stat <"/proc/$$/stat"
set -- $stat
echo "$cycle $$ ${22} $mode" >>"$notes"

fork() { # MODE [PREFIX...]: another one of these, whose parent does not wait for it; a shell has SIGINT ignored in it
	forked=$1
	shift
	"$@" /bin/sh "$0" "$forked" "$notes" "$cycle" &
}
# A shell handles a signal that precedes wait(1) only after it, so every wait here is short.
nap() { while :; do sleep 0.02; done; }
stay() { exec sleep 1000; }
ready() { echo ready; }

case $mode in
stays) ready && stay ;;
# It logs that the daemon is ready, so that it certainly exists.
child) ready && stay ;;
stubborn-child) trap '' INT TERM && ready && stay ;;
exits) exit 3 ;;
is-killed) kill -KILL $$ ;;
never-ready) stay ;;
is-stopped) kill -STOP $$ && ready && stay ;;
dies) ready && exit 3 ;;
ignores-sigint) trap '' INT && ready && stay ;;
ignores-sigterm-too) trap '' INT TERM && ready && stay ;;
slow-to-stop) trap 'sleep 0.03; exit 0' INT && ready && nap ;;
forks) trap 'kill $!; exit 0' INT && fork child && nap ;;
leaves) fork child && stay ;;
leaves-stubborn) fork stubborn-child && stay ;;
escapes) fork child setsid --fork && stay ;;
escapes-cleared) fork child setsid --fork env -i && stay ;;
escapes-late) trap 'fork child setsid --fork env -i; exit 0' INT && ready && nap ;;
removes-pid-file)
	until [ -e "$pid_file" ]; do :; done
	rm "$pid_file" && ready && stay
	;;
rewrites-pid-file)
	until [ -e "$pid_file" ]; do :; done
	echo 1 >"$pid_file" && ready && stay
	;;
esac
