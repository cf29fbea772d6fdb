/** Finds a port that the daemon's log calls in use, and the process that listens on it. */
import { type EvidenceRow, namePort } from '../error-text.ts';
import { findListeners } from '../process/table.ts';
import { describeListeners } from './listeners.ts';
import { lookUp, type Timeline } from './timeline.ts';

const PROTOCOLS = ['tcp', 'udp'] as const;
const EADDRINUSE = /EADDRINUSE|address (?:is )?already in use/i;
/** `10:22:05` and `+01:00` contain no port. */
const TIME = /\b\d\d:\d\d(?::\d\d)?\b/g;
/** `127.0.0.1:8080`, `*:6379`, `:::3000`, `port 8080`. */
const PORT = /(?::|\bport:? )(\d{1,5})(?![\d:])/gi;

/** The lines of the daemon's log that say that a port is in use. */
export function linesOnBusyPort({ log }: Timeline): readonly string[] {
	return (log?.tail() ?? []).filter(line => EADDRINUSE.test(line));
}

export function portsIn(lines: readonly string[]): readonly number[] {
	return lines.flatMap(line => [...line.replace(TIME, '').matchAll(PORT)].map(([, port]) => Number(port)));
}

export function hintsForBusyPort(timeline: Timeline): readonly EvidenceRow[] {
	return lookUp('port', () => {
		const named = portsIn(linesOnBusyPort(timeline));
		const ports = [...new Set(named)].filter(port => port < 65_536);
		const all = ports.flatMap(port => PROTOCOLS.map(protocol => ({ port, protocol })));
		const busy = all.filter(({ port, protocol }) => findListeners(port, [], protocol).length > 0).slice(0, 3);
		return busy.flatMap(({ port, protocol }) => [
			[
				'hint',
				`it logs that ${namePort(port, protocol)} is in use, which is true: with \`port: 'auto'\` and {port} in its ` +
					'command or `env`, it gets a port of its own',
			],
			...describeListeners(port, protocol),
		]);
	});
}
