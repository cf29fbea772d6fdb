/* The lower bound: the host in C starts daemons by posix_spawn(3) and reads their lines from pipes. `c-host FIXTURE` */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>
#include "clock.h"

enum { MOST = 1000 };
extern char **environ;

static int start(char *fixture, char *stamps, char *delay, pid_t *pid) {
	int ends[2];
	char *command[] = {fixture, stamps, "line", delay, "0", NULL};
	posix_spawn_file_actions_t actions;
	if (pipe2(ends, O_CLOEXEC) != 0) return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	int failed = posix_spawn(pid, fixture, &actions, NULL, command, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	return failed ? -1 : ends[0];
}

int main(int count, char **arguments) {
	static pid_t pids[MOST];
	static int pipes[MOST];
	char line[8192], stamps[4096], delay[32];
	int daemons;
	FILE *requests = fdopen(3, "r");
	if (count < 2 || requests == NULL) return 2;
	fcntl(3, F_SETFD, FD_CLOEXEC);
	dprintf(3, "{}\n");
	while (fgets(line, sizeof line, requests) != NULL) {
		if (sscanf(line, "%d %31s %4095s", &daemons, delay, stamps) != 3 || daemons > MOST) return 2;
		int64_t began = now();
		for (int each = 0; each < daemons; each++)
			if ((pipes[each] = start(arguments[1], stamps, delay, &pids[each])) < 0) return 3;
		for (int each = 0; each < daemons; each++) {
			char text[16];
			if (read(pipes[each], text, sizeof text) < 6) return 4;
		}
		int64_t ready = now();
		for (int each = 0; each < daemons; each++) kill(pids[each], SIGTERM);
		for (int each = 0; each < daemons; each++) waitpid(pids[each], NULL, 0);
		int64_t gone = now();
		for (int each = 0; each < daemons; each++) close(pipes[each]);
		dprintf(3, "{\"began\":%lld,\"ready\":%lld,\"stop\":%lld,\"gone\":%lld}\n", (long long)began, (long long)ready, (long long)ready, (long long)gone);
	}
	return 0;
}
