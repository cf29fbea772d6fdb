/* `subreaper COMMAND...`: reaps orphans at once, as PID 1 may not, and waits for all of them. */
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
	int status, last = 1;
	if (count < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return 2;
	pid_t command = fork(), gone;
	if (command == 0) {
		execvp(arguments[1], arguments + 1);
		_exit(127);
	}
	/* The host's end is to be noticed by whoever asks it: nobody else may hold the channel. */
	close(3);
	/* Until nobody is left: what the command leaves behind, such as a process that cleans up after it, ends later. */
	while ((gone = wait(&status)) > 0)
		if (gone == command) last = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return last;
}
