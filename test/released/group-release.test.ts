import { mkdirSync, realpathSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nameReleased, openReleased } from '../../src/registry/released.ts';
import { listReleased } from '../../src/released/find.ts';
import { startReleased } from '../../src/released/start.ts';
import { stopReleased } from '../../src/released/stop.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';
import { watchTraces } from '../support/traces.ts';

test('if one daemon cannot be released, those that were are ended again', async () => {
	const checkout = temporaryFolder();
	const traces = watchTraces();
	const { signal } = new AbortController();
	onTestFinished(async () => void (await stopReleased({ checkout, names: [], all: true, signal })));
	const folder = openReleased(checkout);
	// rename(2) cannot put a file in its place.
	const inTheWay = join(realpathSync(folder.path('')), nameReleased('api'));
	mkdirSync(inTheWay);
	onTestFinished(() => rmdirSync(inTheWay));
	folder.close();
	const daemon = { startupCommand: 'echo ready; exec sleep 1000', lookFor: 'ready' };
	const starting = startReleased({ checkout, group: { db: daemon, api: { ...daemon, dependsOn: 'db' } }, signal });
	await expect(starting).rejects.toMatchObject({ code: 'EISDIR' });
	expect(listReleased()).toEqual([]);
	expect(traces.left().filter(left => !left.includes(nameReleased('api')))).toEqual([]);
});
