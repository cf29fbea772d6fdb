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

test('the path goes through the dependency that was ready last', () => {
	const graph = new Map([
		...[['db', []] as const, ['seed', ['db']] as const, ['cache', []] as const],
		['api', ['cache', 'seed', 'db']],
	]);
	const progress = new Progress(graph);
	for (const name of ['db', 'cache', 'seed']) {
		progress.begin(name);
		const until = now() + 2;
		while (now() < until);
		progress.becameReady(name);
	}
	progress.begin('api');
	progress.stop();
	const path = new Map(progress.describe()).get('path') ?? '';
	expect(path.replace(/\d+ ms/g, 'N ms')).toBe('db N ms → seed N ms → api not ready after N ms');
	expect(new Map(progress.describe('api')).get('path')).toBe(path);
});

test('an error of a member that waited for no other has no path, which would repeat its first line', () => {
	const progress = new Progress(new Map([['api', []]]));
	progress.begin('api');
	progress.stop();
	expect(progress.describe('api')).toEqual([]);
});
