/** Which ports can be handed out: those that no outgoing connection is given, between hand-out and bind, by the system. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hasCode } from '../os/errno.ts';

export interface Range {
	readonly first: number;
	readonly last: number;
}

/** Below are those that people give to their servers by hand; and fetch refuses some of them, the highest of which is 10080. */
const LOWEST = 10_081;
const HIGHEST = 65_535;
/** Fewer would soon all be taken. */
const ENOUGH = 1000;

/** At random, so that callers who choose at the same time seldom choose the same. */
export function chooseCandidate(ranges: readonly Range[]): number {
	let index = randomInt(ranges.reduce((sum, range) => sum + size(range), 0));
	for (const range of ranges) {
		if (index < size(range)) return range.first + index;
		index -= size(range);
	}
	return HIGHEST;
}

/** What is outside of the ephemeral ports; all, where a busy machine has made nearly all of them ephemeral. */
export function candidates(ephemeral: Range): Range[] {
	const outside = [
		{ first: LOWEST, last: Math.min(ephemeral.first - 1, HIGHEST) },
		{ first: Math.max(ephemeral.last + 1, LOWEST), last: HIGHEST },
	].filter(({ first, last }) => first <= last);
	const count = outside.reduce((sum, range) => sum + size(range), 0);
	return count < ENOUGH ? [{ first: LOWEST, last: HIGHEST }] : outside;
}

/** ip(7); macOS has those that IANA sets aside (RFC 6335). */
export function readEphemeral(): Range {
	if (process.platform !== 'linux') return { first: 49_152, last: HIGHEST };
	try {
		const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1');
		const [first = 0, last = 0] = range.trim().split(/\s+/).map(Number);
		return { first, last };
	} catch (error) {
		// A sandbox such as gVisor has not all of /proc: the default then.
		if (hasCode(error, 'ENOENT', 'EACCES')) return { first: 32_768, last: 60_999 };
		throw error;
	}
}

const size = ({ first, last }: Range) => last - first + 1;
