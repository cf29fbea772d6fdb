/** Hands out a port that is free, and that no other caller on this machine is handed as long as the lease lasts. */
import { getSystemErrorName, types } from 'node:util';
import { type Release, tryLock } from '../lock.ts';
import { type Errno, systemError } from '../os/errno.ts';
import { candidates, chooseCandidate, type Range, readEphemeral } from './ephemeral-range.ts';

export interface Lease {
	readonly port: number;
	readonly release: Release;
}

/** As many cannot all be taken by chance. */
const MOST_ATTEMPTS = 1000;

/** @throws the signal's reason when that is aborted. */
export async function leasePort(
	signal: AbortSignal,
	ranges: readonly Range[] = candidates(readEphemeral()),
): Promise<Lease> {
	for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
		signal.throwIfAborted();
		const lease = await tryLease(chooseCandidate(ranges));
		if (lease) return lease;
	}
	throw new NoFreePortError();
}

/** First the lease: of two who look at the same time, both would find the port free. */
async function tryLease(port: number): Promise<Lease | undefined> {
	const release = await tryLock(`port-${port}`);
	if (release === undefined) return undefined;
	try {
		if (await isFree(port)) return { port, release };
	} catch (error) {
		release();
		throw withErrno(error, port);
	}
	release();
	return undefined;
}

/** Whether it can be bound: on the wildcard addresses of IPv4 and IPv6, and on each address that the machine has. */
async function isFree(port: number): Promise<boolean> {
	// Only who asks for a port pays.
	const { default: getPort } = await import('get-port');
	// Of a port that is taken it goes on to others. Exclusive: in a cluster, its primary would bind for all workers.
	return (await getPort({ port, exclusive: true })) === port;
}

/** To list the machine's addresses fails with a code of its own, whatever the reason; its errno has libuv's sign or not. */
function withErrno(error: unknown, port: number): unknown {
	if (!types.isNativeError(error) || !('code' in error) || error.code !== 'ERR_SYSTEM_ERROR') return error;
	const { errno = 0, syscall = '' } = error as NodeJS.ErrnoException;
	return systemError(getSystemErrorName(-Math.abs(errno)) as Errno, syscall, `port ${port}`);
}

class NoFreePortError extends Error {
	constructor() {
		super(`none of ${MOST_ATTEMPTS} ports, chosen at random, was free`);
		this.name = 'NoFreePortError';
	}
}
