/** Leases a free port of TCP or UDP: no other caller on this machine gets it as long as the lease lasts. */
import { types } from 'node:util';
import type { Protocol } from '../error-text.ts';
import { type Release, tryLock } from '../lock.ts';
import { systemErrorOf } from '../os/errno.ts';
import { canBind } from '../udp-port.ts';
import { candidates, chooseCandidate, type Range, readEphemeral } from './ephemeral-range.ts';

export interface Lease {
	readonly port: number;
	readonly release: Release;
}

/** Give up after this many random ports: something else is wrong. */
const MOST_ATTEMPTS = 1000;

/** @throws the signal's reason if the signal is aborted. */
export async function leasePort(
	signal: AbortSignal,
	ranges: readonly Range[] = candidates(readEphemeral()),
	protocol: Protocol = 'tcp',
): Promise<Lease> {
	for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
		signal.throwIfAborted();
		const lease = await tryLease(chooseCandidate(ranges), protocol);
		if (lease) return lease;
	}
	throw new NoFreePortError();
}

/** The name of the lock of a port. */
export const lockOfPort = (port: number, protocol: Protocol): string =>
	`port-${protocol === 'udp' ? 'udp-' : ''}${port}`;

/** The lock comes before the check, as two callers that check at the same time would both find the port free. */
async function tryLease(port: number, protocol: Protocol): Promise<Lease | undefined> {
	const release = await tryLock(lockOfPort(port, protocol));
	if (release === undefined) return undefined;
	try {
		if (await (protocol === 'udp' ? canBind(port) : isFree(port))) return { port, release };
	} catch (error) {
		release();
		throw withErrno(error, port);
	}
	release();
	return undefined;
}

/** Whether the port can be bound on the wildcard addresses of IPv4 and IPv6, and on each address of the machine. */
async function isFree(port: number): Promise<boolean> {
	// Imported on demand, as most daemons lease no port.
	const { default: getPort } = await import('get-port');
	// If the port is taken, get-port finds another one. Exclusive: otherwise a cluster's primary would bind for its
	// workers.
	return (await getPort({ port, exclusive: true })) === port;
}

/** Listing the machine's addresses fails with ERR_SYSTEM_ERROR for any reason; the sign of its errno varies. */
function withErrno(error: unknown, port: number): unknown {
	if (!types.isNativeError(error) || !('code' in error) || error.code !== 'ERR_SYSTEM_ERROR') return error;
	const { errno = 0, syscall = '' } = error as NodeJS.ErrnoException;
	return systemErrorOf(-Math.abs(errno), syscall, `port ${port}`);
}

class NoFreePortError extends Error {
	constructor() {
		super(`none of ${MOST_ATTEMPTS} ports, chosen at random, was free`);
		this.name = 'NoFreePortError';
	}
}
