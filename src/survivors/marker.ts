/**
 * The marker of a daemon's processes, in two places that fork(2) and execve(2) hand on: a variable of the environment,
 * and a resource limit. The environment is lost to who clears it or writes over it, as setproctitle(3) does. The limit
 * on the resident set has had no effect since Linux 2.4.30 (getrlimit(2)), so nobody sets it; a huge number of our own
 * in it stays with a process whatever it does to its environment, session, parent, user and descriptors.
 */
import { randomBytes } from 'node:crypto';

export const MARKER_VARIABLE = 'WITHDAEMON_MARKER';

/** Set to 1 in the environment of a `shutdownCommand`, and so of what it starts: this is whose fault it is if that stays. */
export const SHUTDOWN_VARIABLE = 'WITHDAEMON_SHUTDOWN';

/** A new one: 16 hexadecimal digits. */
export function makeMarker(): string {
	return randomBytes(8).toString('hex');
}

/** As it is in the environment. */
export function toVariable(marker: string): string {
	return `${MARKER_VARIABLE}=${marker}`;
}

/**
 * As it is in the limit, in KiB as ulimit(1p) takes it. From 2 ** 52, some exabytes: sort(1) and others take the limit for
 * the memory that they may use. Below 2 ** 53, so that it is an exact number here, and one of 64 bits in bytes.
 */
export function toLimit(marker: string): number {
	return 2 ** 52 + Number.parseInt(marker.slice(0, 13), 16);
}
