/** Ready by `lookFor`: a line that was logged since this start matches. */
import { LineMatcher, showPattern } from '../log/line-matcher.ts';
import type { Log } from '../log/log.ts';
import type { Probe } from './probe.ts';

export function logged(log: Log, pattern: string | RegExp): Probe {
	const matcher = new LineMatcher(pattern);
	return {
		name: `log line ${showPattern(pattern)}`,
		wait: async signal => ({ captures: (await log.find(matcher, signal)).groups }),
		reason: () => `${matcher.reason}${differsInCase(log, pattern) ? ', but one would if case were ignored' : ''}`,
	};
}

/** The most common mistake that can be told for certain; not so if a line matches that came too late. */
function differsInCase(log: Log, pattern: string | RegExp): boolean {
	const lines = log.tail(1000);
	if (typeof pattern === 'string') {
		if (lines.some(line => line.includes(pattern))) return false;
		return lines.some(line => line.toLowerCase().includes(pattern.toLowerCase()));
	}
	const flags = pattern.flags.replace(/[gyi]/g, '');
	if (pattern.ignoreCase || lines.some(line => new RegExp(pattern.source, flags).test(line))) return false;
	return lines.some(line => new RegExp(pattern.source, `${flags}i`).test(line));
}
