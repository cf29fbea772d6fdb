import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { holds, logged, startDaemon, withDaemon } from '../../src/index.ts';
import { now } from '../../src/time/clock.ts';
import { fixture } from '../support/fixtures.ts';
import { waitedFor } from '../support/waited-for.ts';

const stays = { startupCommand: [fixture('never-ready.sh')] };

test('counts again from the beginning when the condition did not hold in between', async () => {
	let [first, since, last] = [0, 0, 0];
	const isUp = () => {
		last = now();
		first ||= last;
		if (since > 0 || last - first < 50) return true;
		since = last;
		return false;
	};
	await withDaemon({ ...stays, ready: holds(isUp, { forMs: 100 }) }, () => {});
	expect(last - since).toBeGreaterThanOrEqual(100);
});

test('counts no time in which a look was under way', async () => {
	let [since, last] = [0, 0];
	const isUp = async () => {
		last = now();
		await delay(100);
		since ||= now();
		return true;
	};
	await withDaemon({ ...stays, ready: holds(isUp, { forMs: 100 }) }, () => {});
	expect(last - since).toBeGreaterThanOrEqual(100);
});

test('gives the reason of the condition, or says that the time is not over', async () => {
	let looks = 0;
	const ready = [
		holds(() => 'the cache is cold', { forMs: 1 }),
		holds(
			function isUp() {
				return true;
			},
			{ forMs: 1e6 },
		),
	];
	expect(await waitedFor({ ...stays, ready }, () => ++looks > 5)).toMatchInlineSnapshot(`
		"for 1 ms a function   the cache is cold
		for 1000000 ms function isUp   it has not held for so long yet"
	`);
});

test('needs a time, and a condition that can be looked at again', async () => {
	const ready = [holds(logged('x'), { forMs: 1 }), holds(() => true, {} as never)];
	await expect(startDaemon({ ...stays, ready })).rejects.toThrowErrorMatchingInlineSnapshot(`
		[InvalidOptionError: never-ready.sh has 2 invalid options
		  option       \`ready\`, holds(): logged() becomes true once and stays true, so it cannot be looked at again.
		               \`ready\`, holds(): Expected \`forMs\` to be a number of milliseconds from 1 to 2147483647, but got null.]
	`);
});
