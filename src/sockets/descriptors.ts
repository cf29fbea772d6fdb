/** Where a daemon finds the sockets that it inherits. */

/** The descriptor of the first one (sd_listen_fds(3)). */
export const FIRST_SOCKET = 3;

/** No more fit below the launcher's own descriptors, as dash only knows those of one digit. */
export const MOST_SOCKETS = 5;

/** The descriptor of the last one that is possible. */
export const LAST_SOCKET: number = FIRST_SOCKET + MOST_SOCKETS - 1;
