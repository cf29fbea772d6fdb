/**
 * The ports that can be leased: the system gives ephemeral ports to outgoing connections, perhaps between lease and
 * bind.
 */
import { readFileSync } from 'node:fs';
import { crypto } from '../builtins.ts';
import { hasCode } from '../os/errno.ts';

export interface Range {
	readonly first: number;
	readonly last: number;
}

/** People choose lower ports for their servers by hand, and fetch refuses some ports, of which 10080 is the highest. */
const LOWEST = 10_081;
const HIGHEST = 65_535;
/** Fewer ports would soon all be taken. */
const ENOUGH = 1000;

/** Random, so that callers that choose at the same time seldom choose the same port. */
export function chooseCandidate(ranges: readonly Range[]): number {
	let index = crypto().randomInt(ranges.reduce((sum, range) => sum + size(range), 0));
	for (const range of ranges) {
		if (index < size(range)) return range.first + index;
		index -= size(range);
	}
	return HIGHEST;
}

/** The ports outside of the ephemeral range; all ports on a machine where nearly all are ephemeral. */
export function candidates(ephemeral: Range): Range[] {
	const outside = [
		{ first: LOWEST, last: Math.min(ephemeral.first - 1, HIGHEST) },
		{ first: Math.max(ephemeral.last + 1, LOWEST), last: HIGHEST },
	].filter(({ first, last }) => first <= last);
	const count = outside.reduce((sum, range) => sum + size(range), 0);
	return count < ENOUGH ? [{ first: LOWEST, last: HIGHEST }] : outside;
}

/** The range of ip(7). macOS uses the one that IANA reserves (RFC 6335). */
export function readEphemeral(): Range {
	if (process.platform !== 'linux') return { first: 49_152, last: HIGHEST };
	try {
		const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1');
		const [first = 0, last = 0] = range.trim().split(/\s+/).map(Number);
		return { first, last };
	} catch (error) {
		// A sandbox such as gVisor lacks parts of /proc. Then the default of Linux holds.
		if (hasCode(error, 'ENOENT', 'EACCES')) return { first: 32_768, last: 60_999 };
		throw error;
	}
}

const size = ({ first, last }: Range) => last - first + 1;
