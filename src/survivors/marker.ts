/**
 * The marker of a daemon's processes, in two places that fork(2) and execve(2) hand on: a variable of the environment,
 * and a resource limit. A process can clear its environment or overwrite it, as setproctitle(3) does. The limit on the
 * resident set has had no effect since Linux 2.4.30 (getrlimit(2)), so programs leave it alone; our huge number in it
 * stays with a process whatever that does to its environment, session, parent, user and descriptors.
 */
import { randomHex } from '../os/random-hex.ts';

export const MARKER_VARIABLE = 'WITHDAEMON_MARKER';

/**
 * Is 1 in the environment of a `shutdownCommand` and of all that it starts, so that an error can blame it for a
 * survivor.
 */
export const SHUTDOWN_VARIABLE = 'WITHDAEMON_SHUTDOWN';

/** A new marker: 16 hexadecimal digits. */
export function makeMarker(): string {
	return randomHex(8);
}

export function toVariable(marker: string): string {
	return `${MARKER_VARIABLE}=${marker}`;
}

/**
 * The marker as a limit, in the KiB of ulimit(1p). It is at least 2 ** 52, some exabytes, as sort(1) and others read
 * the limit as the memory that they may use. It is below 2 ** 53, so that JavaScript holds it exactly and its bytes fit
 * 64 bits.
 */
export function toLimit(marker: string): number {
	return 2 ** 52 + Number.parseInt(marker.slice(0, 13), 16);
}

/** The same as the kernel shows it, in bytes. */
export function toLimitBytes(marker: string): bigint {
	return BigInt(toLimit(marker)) * 1024n;
}
