/* What a tool runs when the daemon is ready, if it runs a command: `command STAMPS` says when it began and ended. */
#include "stamps.h"

int main(int count, char **arguments) {
	int64_t began = now();
	if (count < 2) return 2;
	open_stamps(arguments[1]);
	stamps[COMMAND_BEGIN] = began;
	stamps[COMMAND_END] = now();
	return 0;
}
