/** The functions of libc that the library calls. Each way to call C is a file with a `bind` that provides them. */

/**
 * All are synchronous.
 *
 * @typedef {object} Libc
 * @property {(fd: number, command: number, value: number) => number} fcntl
 * @property {(file: string, argv: readonly string[], env: readonly string[]) => number} execve Returns only if it failed.
 * @property {(family: number, type: number, protocol: number) => number} socket
 * @property {(fd: number, address: Uint8Array) => number} bind
 * @property {() => number} errno The errno of the last call.
 */
export {};
