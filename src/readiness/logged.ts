/** The probe that reads the log: it holds when a line that was logged since this start matches. */
import { LineMatcher, showPattern, toMatch } from '../log/line-matcher.ts';
import type { Log } from '../log/log.ts';
import { findBreaches, pattern as patternRule, type Rule } from '../option-rules.ts';
import { makeProbe, type Probe } from './probe.ts';

export interface LoggedOptions {
	/** How many lines have to match. Defaults to 1. */
	readonly times?: number | undefined;
}

const rules: Readonly<Record<string, Rule>> = {
	pattern: patternRule,
	times: { expected: 'a whole number from 1', accepts: value => Number.isInteger(value) && Number(value) >= 1 },
};

/**
 * Holds when a line that was logged since this start contains this string, or matches this RegExp, as for the option
 * `lookFor`. The named groups of the RegExp become `captures`.
 *
 * @example
 * logged('worker is up', { times: 4 })
 */
export function logged(pattern: string | RegExp, options: LoggedOptions = {}): Probe {
	return makeProbe({
		name: 'logged',
		given: { pattern, ...options },
		problems: findBreaches({ ...options, pattern }, rules),
		readsLog: true,
		isEvent: true,
		begin: ({ pattern, times = 1 }, { log }) => {
			const matcher = new LineMatcher(pattern, times);
			const also = () => (log && differsInCase(log, pattern) ? ', but one would if case were ignored' : '');
			return {
				name: `log line ${showPattern(pattern)}${times === 1 ? '' : `, ${times} times`}`,
				// A probe that reads the log is refused where there is none.
				wait: async signal => ({ captures: (await log?.find(matcher, signal))?.groups ?? {} }),
				reason: () => `${matcher.reason}${also()}`,
			};
		},
	});
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
