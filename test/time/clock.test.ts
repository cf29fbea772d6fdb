import { expect, test } from 'vitest';
import { beginSleep, LONGEST_MS } from '../../src/time/clock.ts';

test('a sleep can be ended, and says whether its time was over', async () => {
	const [ended, over] = [beginSleep(LONGEST_MS), beginSleep(1)];
	ended.end();
	expect(await Promise.all([ended.over, over.over])).toEqual([false, true]);
	for (const { end } of [ended, over]) end();
});

test('a sleep that is longer than a timer of Node can run is not over at once', async () => {
	const [long, short] = [beginSleep(LONGEST_MS + 1), beginSleep(20)];
	// Node replaces a larger number by 1, and timers come in their order however slow the machine is.
	const first = await Promise.race([long.over.then(() => 'long'), short.over.then(() => 'short')]);
	long.end();
	expect(first).toBe('short');
});
