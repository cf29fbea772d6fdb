/** The functions of libc that the library calls: each way to call C is a file with a `bind` for them. */

/**
 * All are synchronous.
 *
 * @typedef {object} Libc
 * @property {(fd: number, command: number, value: number) => number} fcntl
 * @property {(file: string, argv: readonly string[], env: readonly string[]) => number} execve Comes back only if it failed.
 * @property {() => number} errno Of the last call.
 */
export {};
