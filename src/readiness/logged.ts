/** The probe for `lookFor`: the daemon is ready when a line that was logged since this start matches. */
import { LineMatcher, showPattern, toMatch } from '../log/line-matcher.ts';
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

/** Whether a line matches only if case is ignored. False if a line matches exactly, but came too late. */
function differsInCase(log: Log, pattern: string | RegExp): boolean {
	const lines = log.tail(1000);
	if (typeof pattern === 'string') {
		if (lines.some(line => line.includes(pattern))) return false;
		return lines.some(line => line.toLowerCase().includes(pattern.toLowerCase()));
	}
	if (pattern.ignoreCase || lines.some(toMatch(pattern))) return false;
	return lines.some(toMatch(new RegExp(pattern.source, `${pattern.flags}i`)));
}
