/** The ports that users ask for: a number or any free one, of TCP or of UDP. */
import type { Protocol } from '../error-text.ts';

/**
 * A port of the user's choice, or any free one. `'auto'` leases one at the first start: no other caller on this machine
 * gets it until the teardown. If somebody takes it all the same, and the daemon ends before it is ready, the daemon is
 * started once more, on another one. 0 lets the daemon choose: 0 is filled in, and the port is what the group
 * `(?<port>\d+)` of `lookFor`, or of a `logged()` in `ready`, has captured at the latest start; for one of `ports`, the
 * group of its name. A port is one of TCP, unless the `protocol` beside it is `'udp'`.
 */
export type WantedPort = number | 'auto' | { readonly port: number | 'auto'; readonly protocol?: Protocol | undefined };

/** The options of a daemon that ask for ports. */
export interface WantedPorts {
	readonly port?: WantedPort | undefined;
	readonly ports?: Readonly<Record<string, WantedPort>> | undefined;
}

/** What each port is called: `port` or `ports.NAME`, like its placeholder. */
export function listPorts({ port, ports = {} }: WantedPorts): (readonly [name: string, wanted: WantedPort])[] {
	const named = Object.entries(ports).map(([name, wanted]) => [`ports.${name}`, wanted] as const);
	return port === undefined ? named : [['port', port], ...named];
}

export interface DaemonPort {
	readonly port: number;
	readonly protocol: Protocol;
}

export const numberOf = (wanted: WantedPort): number | 'auto' => (typeof wanted === 'object' ? wanted.port : wanted);

export const protocolOf = (wanted: WantedPort): Protocol =>
	typeof wanted === 'object' ? (wanted.protocol ?? 'tcp') : 'tcp';
