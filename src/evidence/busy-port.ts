/** Finds a port that the daemon's log calls in use, and the process that listens on it. */
import type { EvidenceRow } from '../error-text.ts';
import { findListeners } from '../process/table.ts';
import { describeListeners } from './listeners.ts';
import { lookUp, type Timeline } from './timeline.ts';

const EADDRINUSE = /EADDRINUSE|address (?:is )?already in use/i;
/** `10:22:05` and `+01:00` contain no port. */
const TIME = /\b\d\d:\d\d(?::\d\d)?\b/g;
/** `127.0.0.1:8080`, `*:6379`, `:::3000`, `port 8080`. */
const PORT = /(?::|\bport:? )(\d{1,5})(?![\d:])/gi;

export function hintsForBusyPort({ log }: Timeline): readonly EvidenceRow[] {
	return lookUp('port', () => {
		const lines = (log?.tail() ?? []).filter(line => EADDRINUSE.test(line));
		const named = lines.flatMap(line => [...line.replace(TIME, '').matchAll(PORT)].map(([, port]) => Number(port)));
		const busy = [...new Set(named)].filter(port => port < 65_536 && findListeners(port).length > 0).slice(0, 3);
		return busy.flatMap(port => [
			['hint', `it logs that port ${port} is in use, which is true; with the option \`port\` the start fails at once`],
			...describeListeners(port),
		]);
	});
}
