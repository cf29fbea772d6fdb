/** The ports of a released daemon. */
import type { DaemonPort } from '../ports/wanted.ts';
import type { ReleasedRecord } from '../registry/fact.ts';

export function portsOf({ ports, udp }: ReleasedRecord): DaemonPort[] {
	const all = new Map(
		Object.entries(ports).map(([name, port]) => {
			const protocol = udp.includes(name) ? 'udp' : 'tcp';
			return [`${protocol} ${port}`, { port, protocol } as const];
		}),
	);
	return [...all.values()];
}
