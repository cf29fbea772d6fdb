import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Entry, type LifeRecord, readEntry } from '../../src/registry/entry.ts';
import { temporaryFolder } from '../support/fixtures.ts';

const life: LifeRecord = {
	name: 'redis',
	marker: '0123456789abcdef',
	pidFile: '/tmp/redis.pid',
	request: { kind: 'signal', signal: 'SIGINT' },
	killMode: 'group',
	shutdownTimeout: 1000,
};
const identity = { pid: 42, startTime: '7' };
const launched = { marker: life.marker, identity, launcher: identity, since: { pid: 41, forks: Number.NaN } };

function pathOf(folder: string): string {
	return join(folder, readdirSync(folder)[0] ?? '');
}

test('what was noted can be read, by nobody else', () => {
	const folder = temporaryFolder();
	const entry = new Entry(folder);
	entry.note({ folder: '/tmp/withdaemon-1' });
	entry.note({ life });
	entry.note({ launched });
	expect(readEntry(pathOf(folder))).toMatchObject({ folders: ['/tmp/withdaemon-1'], lives: [life] });
	expect(readEntry(pathOf(folder)).launches.get(life.marker)).toMatchObject({ identity, launcher: identity });
	expect(statSync(pathOf(folder)).mode & 0o777).toBe(0o600);
	entry.remove();
	entry.remove();
	expect(readdirSync(folder)).toEqual([]);
});

test('a line that its writer did not live to finish says nothing', () => {
	const folder = temporaryFolder();
	const entry = new Entry(folder);
	entry.note({ life });
	appendFileSync(pathOf(folder), JSON.stringify({ launched }).slice(0, -5));
	expect(readEntry(pathOf(folder))).toMatchObject({ lives: [life], launches: new Map() });
	// There is room again.
	entry.note({ folder: '/tmp/withdaemon-1' });
	expect(readEntry(pathOf(folder))).toMatchObject({ lives: [life], folders: ['/tmp/withdaemon-1'] });
});
