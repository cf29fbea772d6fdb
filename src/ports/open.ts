/** Which ports are open: those that accept connections or, with UDP, to which something is bound. */
import { isOpen } from '../tcp-port.ts';
import { isBound } from '../udp-port.ts';
import type { DaemonPort } from './wanted.ts';

export async function findOpen(ports: readonly DaemonPort[]): Promise<DaemonPort[]> {
	const answers = await Promise.all(
		ports.map(({ port, protocol }) => (protocol === 'udp' ? isBound(port) : isOpen(port))),
	);
	return ports.filter((_, index) => answers[index]);
}
