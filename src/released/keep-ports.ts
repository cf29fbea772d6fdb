/** Starts a daemon on the ports that it had before. */
import { type Release, tryLock } from '../lock.ts';
import type { DaemonOptions } from '../options/options.ts';
import { lockOfPort } from '../ports/lease.ts';
import type { DaemonPort } from '../ports/wanted.ts';

/** @param before the ports by their placeholders. A port that was chosen for the daemon is a fixed one now. */
export function withPorts(options: DaemonOptions, before: Readonly<Record<string, number>>): DaemonOptions {
	const { port, ports, listen } = options;
	const again = <T>(wanted: T, placeholder: string): T => {
		const number = before[placeholder];
		if (number === undefined) return wanted;
		if (wanted === 'auto') return number as T;
		const isObject = typeof wanted === 'object' && wanted !== null && 'port' in wanted;
		return isObject && wanted.port === 'auto' ? { ...wanted, port: number } : wanted;
	};
	const allAgain = (wanted: object) =>
		Object.fromEntries(Object.entries(wanted).map(([name, one]) => [name, again(one, `ports.${name}`)]));
	return {
		...options,
		...(port === undefined ? {} : { port: again(port, 'port') }),
		...(ports === undefined ? {} : { ports: allAgain(ports) }),
		...(listen === undefined ? {} : { listen: typeof listen === 'object' ? allAgain(listen) : again(listen, 'port') }),
	};
}

/** Keeps other callers on this machine from being handed one of these ports, unless one of them has it already. */
export async function leaseAgain(ports: readonly DaemonPort[]): Promise<Release> {
	const leases = await Promise.all(ports.map(({ port, protocol }) => tryLock(lockOfPort(port, protocol))));
	return () => {
		for (const release of leases) release?.();
	};
}
