/** Calls libc through koffi, which is prebuilt, has no install script, and is safe in worker threads. */
import koffi from 'koffi';

/** @returns {import('./interface.mjs').Libc} */
export function bind() {
	const libc = koffi.load(null);
	// Variadic: on arm64 such arguments are passed in another way.
	const fcntl = libc.func('int fcntl(int fd, int command, ...)');
	const execve = libc.func('int execve(const char *file, const char **argv, const char **envp)');
	const socket = libc.func('int socket(int family, int type, int protocol)');
	const bindSocket = libc.func('int bind(int fd, const uint8_t *address, unsigned int length)');
	return {
		fcntl: (fd, command, value) => fcntl(fd, command, 'int', value),
		execve: (file, argv, env) => execve(file, [...argv, null], [...env, null]),
		socket: (family, type, protocol) => socket(family, type, protocol),
		bind: (fd, address) => bindSocket(fd, address, address.length),
		errno: () => koffi.errno(),
	};
}
