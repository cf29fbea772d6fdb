/* The daemon of every cycle: `fixture STAMPS line|tcp|http|notify DELAY_MS PORT` is ready after the delay, ends by a signal. */
#include <arpa/inet.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "stamps.h"

static void end(int signal) {
	stamps[SIGNAL] = now();
	(void)signal;
	stamps[EXIT] = now();
	_exit(0);
}

static void serve(int port, int speaks_http) {
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) _exit(1);
	stamps[READY] = now();
	listen(listener, 128);
	for (;;) {
		char request[4096];
		int client = accept(listener, NULL, NULL);
		if (speaks_http && read(client, request, sizeof request) > 0) send(client, answer, sizeof answer - 1, MSG_NOSIGNAL);
		close(client);
	}
}

static void notify(void) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	if (path == NULL || strlen(path) >= sizeof address.sun_path) _exit(1);
	strcpy(address.sun_path, path);
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	if (path[0] == '@') address.sun_path[0] = '\0';
	int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	stamps[READY] = now();
	sendto(sender, "READY=1", 7, 0, (struct sockaddr *)&address, length);
}

int main(int count, char **arguments) {
	int64_t began = now();
	if (count < 5) return 2;
	open_stamps(arguments[1]);
	stamps[MAIN] = began;
	stamps[PID] = getpid();
	signal(SIGTERM, end);
	signal(SIGINT, end);
	const char *kind = arguments[2];
	pause_ms(atol(arguments[3]));
	if (strcmp(kind, "tcp") == 0 || strcmp(kind, "http") == 0) serve(atoi(arguments[4]), kind[0] == 'h');
	if (strcmp(kind, "notify") == 0) {
		notify();
	} else {
		stamps[READY] = now();
		if (write(1, "ready\n", 6) != 6) _exit(1);
	}
	for (;;) pause();
}
