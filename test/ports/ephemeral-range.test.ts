import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { candidates, chooseCandidate, readEphemeral } from '../../src/ports/ephemeral-range.ts';

test('the range of outgoing connections and the ports that people choose by hand are left out', () => {
	expect(candidates({ first: 32_768, last: 60_999 })).toEqual([
		{ first: 10_081, last: 32_767 },
		{ first: 61_000, last: 65_535 },
	]);
	expect(candidates({ first: 49_152, last: 65_535 })).toEqual([{ first: 10_081, last: 49_151 }]);
	expect(candidates({ first: 1024, last: 40_000 })).toEqual([{ first: 40_001, last: 65_535 }]);
});

test('all ports are candidates if nearly none would be left', () => {
	const all = [{ first: 10_081, last: 65_535 }];
	expect([candidates({ first: 1024, last: 65_535 }), candidates({ first: 10_500, last: 65_500 })]).toEqual([all, all]);
	const [enough, tooFew] = [64_535, 64_536].map(last => candidates({ first: 1024, last }));
	expect([enough, tooFew]).toEqual([[{ first: 64_536, last: 65_535 }], all]);
});

test.skipIf(process.platform !== 'linux')('the range is the one of this machine', () => {
	const { first, last } = readEphemeral();
	expect(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')).toBe(`${first}\t${last}\n`);
});

test('a candidate is in one of the ranges, and each of them is one', () => {
	const ranges = [
		{ first: 20_000, last: 20_002 },
		{ first: 30_000, last: 30_000 },
	];
	const chosen = new Set(Array.from({ length: 1000 }, () => chooseCandidate(ranges)));
	expect([...chosen].toSorted()).toEqual([20_000, 20_001, 20_002, 30_000]);
});
