import { expect, test } from 'vitest';
import { Progress } from '../../src/group/progress.ts';
import { now } from '../../src/time/clock.ts';

test('the time that a member took ends when the group is given up, and not with the teardown', () => {
	const progress = new Progress(new Map([['api', []]]));
	progress.begin('api');
	progress.stop();
	const before = progress.describe();
	const until = now() + 10;
	while (now() < until);
	progress.stop();
	expect(progress.describe()).toEqual(before);
	expect(before.map(([label]) => label)).toEqual(['not ready', 'path']);
});
