/** Recognises a port that only a privileged process may bind, and says what else there is. */
import type { EvidenceRow } from '../error-text.ts';
import { readProc } from '../process/procfs.ts';
import { portsIn } from './busy-port.ts';
import { lookUp, type Timeline } from './timeline.ts';

/** Such as `bind() to 0.0.0.0:80 failed (13: Permission denied)`, and not `permission denied: /etc/app.conf:80`. */
const isRefusal = (line: string) => /EACCES|permission denied/i.test(line) && /\b(?:bind|listen)/i.test(line);

export function hintsForForbiddenPort({ log }: Timeline): readonly EvidenceRow[] {
	return lookUp('hint', () =>
		portsIn((log?.tail() ?? []).filter(isRefusal))
			.flatMap(hintsForPrivileged)
			.slice(0, 1),
	);
}

/** Call this for a port whose bind was refused with EACCES. Above the limit, a security policy may have refused it. */
export function hintsForPrivileged(port: number): readonly EvidenceRow[] {
	const limit = readLimit();
	if (port >= limit) return [];
	const isLinux = process.platform === 'linux';
	const who = isLinux ? 'processes with CAP_NET_BIND_SERVICE' : 'root';
	const orLower = isLinux ? `, or lower the limit: \`sysctl net.ipv4.ip_unprivileged_port_start=${port}\`` : '';
	return [['hint', `only ${who} may listen on a port below ${limit}: use a higher port or 'auto'${orLower}`]];
}

/** ip(7); elsewhere, and where a sandbox lacks parts of /proc, it is what it has always been. */
const readLimit = () => Number(readProc('sys/net/ipv4/ip_unprivileged_port_start') ?? 1024);
