import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { LogWatcher } from '../../src/log/watcher.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { asOn } from '../support/platform.ts';
import { onTestFinished } from '../support/this-test.ts';

/** Watches a new and empty log, as on this platform. */
function watch(platform: NodeJS.Platform): { readonly watcher: LogWatcher; readonly path: string } {
	const path = join(temporaryFolder(), 'daemon.log');
	appendFileSync(path, '');
	const watcher = asOn(platform, () => new LogWatcher(path));
	onTestFinished(() => watcher.close());
	return { watcher, path };
}

test('a change is an event', async () => {
	const { watcher, path } = watch('linux');
	const changed = watcher.next(new AbortController().signal);
	appendFileSync(path, 'ready\n');
	await changed;
});

test('on macOS there is a look once the watch has begun, and one now and then, without an event', async () => {
	const { watcher } = watch('darwin');
	for (const _ of [1, 2]) await watcher.next(new AbortController().signal);
});
