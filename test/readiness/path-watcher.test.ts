import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PathWatcher } from '../../src/readiness/path-watcher.ts';
import { LONGEST_MS } from '../../src/time/clock.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

const never = new AbortController().signal;

function watcherOf(path: string): PathWatcher {
	const watcher = new PathWatcher(path);
	onTestFinished(() => watcher.close());
	return watcher;
}

test('every step on the way to the path is an event, also when its folder goes and comes back', async () => {
	const folder = temporaryFolder();
	const path = join(folder, 'a/b/file');
	const watcher = watcherOf(path);
	const steps = [
		() => mkdirSync(join(folder, 'a')),
		() => mkdirSync(join(folder, 'a/b')),
		() => writeFileSync(path, ''),
		() => writeFileSync(path, 'content'),
		() => rmSync(path),
		() => rmSync(join(folder, 'a'), { recursive: true }),
		() => mkdirSync(join(folder, 'a/b'), { recursive: true }),
		() => renameSync(join(folder, 'a/b'), join(folder, 'elsewhere')),
		() => mkdirSync(join(folder, 'a/b')),
		() => {
			renameSync(join(folder, 'a/b'), join(folder, 'gone'));
			mkdirSync(join(folder, 'a/b'));
		},
		() => writeFileSync(path, ''),
	];
	for (const step of steps) {
		watcher.follow();
		step();
		await watcher.next(LONGEST_MS, never);
	}
	expect(watcher.failedBecause).toBeUndefined();
});

test('what happens to other files in the folder is no event', async () => {
	const folder = temporaryFolder();
	const watcher = watcherOf(join(folder, 'file'));
	watcher.follow();
	const other = watcherOf(join(folder, 'other'));
	other.follow();
	let hasChanged = false;
	const changed = watcher.next(LONGEST_MS, never).then(() => {
		hasChanged = true;
	});
	writeFileSync(join(folder, 'other'), 'x');
	// Both get the events of the folder in the same order.
	await other.next(LONGEST_MS, never);
	expect(hasChanged).toBe(false);
	writeFileSync(join(folder, 'file'), 'x');
	await changed;
});

test('the wait ends with its time, or with the reason of its signal', async () => {
	const watcher = watcherOf(join(temporaryFolder(), 'file'));
	watcher.follow();
	await watcher.next(1, never);
	await expect(watcher.next(LONGEST_MS, AbortSignal.abort('over'))).rejects.toBe('over');
});
