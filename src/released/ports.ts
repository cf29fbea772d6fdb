/** Which ports of a released daemon are open. */
import type { DaemonPort } from '../ports/wanted.ts';
import type { ReleasedRecord } from '../registry/fact.ts';
import { isOpen } from '../tcp-port.ts';
import { isBound } from '../udp-port.ts';

export function portsOf({ ports, udp }: ReleasedRecord): DaemonPort[] {
	const all = new Map(
		Object.entries(ports).map(([name, port]) => {
			const protocol = udp.includes(name) ? 'udp' : 'tcp';
			return [`${protocol} ${port}`, { port, protocol } as const];
		}),
	);
	return [...all.values()];
}

export async function findOpen(record: ReleasedRecord): Promise<DaemonPort[]> {
	const ports = portsOf(record);
	const answers = await Promise.all(
		ports.map(({ port, protocol }) => (protocol === 'udp' ? isBound(port) : isOpen(port))),
	);
	return ports.filter((_, index) => answers[index]);
}
