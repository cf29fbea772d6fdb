/** How long the path of a unix socket may be. */

/**
 * In bytes: with the NUL at its end it has to fit into the 108 bytes of a `sockaddr_un`, 104 on macOS (unix(7),
 * unix(4)). Node would cut a longer one, and bind or connect elsewhere.
 */
export const LONGEST_SOCKET_PATH = process.platform === 'darwin' ? 103 : 107;
