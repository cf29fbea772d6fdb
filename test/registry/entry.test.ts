import {
	appendFileSync,
	chmodSync,
	linkSync,
	mkdirSync,
	readdirSync,
	renameSync,
	statSync,
	symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { Entry, readEntry } from '../../src/registry/entry.ts';
import type { RunRecord } from '../../src/registry/fact.ts';
import { temporaryFolder } from '../support/fixtures.ts';

const run: RunRecord = {
	name: 'redis',
	marker: '0123456789abcdef',
	pidFile: '/tmp/redis.pid',
	request: { kind: 'signal', signal: 'SIGINT' },
	killMode: 'group',
	shutdownTimeout: 1000,
};
const identity = { pid: 42, startTime: '7' };
const launched = { marker: run.marker, identity, launcher: identity, since: { pid: 41, forks: Number.NaN } };

function pathOf(folder: string): string {
	return join(folder, readdirSync(folder)[0] ?? '');
}

test('a noted fact can be read, and only by its user', () => {
	const folder = temporaryFolder();
	const entry = new Entry(folder);
	entry.note({ folder: '/tmp/withdaemon-1' });
	entry.note({ run });
	entry.note({ launched });
	expect(readEntry(pathOf(folder))).toMatchObject({ folders: ['/tmp/withdaemon-1'], runs: [run] });
	expect(readEntry(pathOf(folder)).launches.get(run.marker)).toMatchObject({ identity, launcher: identity });
	expect(statSync(pathOf(folder)).mode & 0o777).toBe(0o600);
	entry.remove();
	entry.remove();
	expect(readdirSync(folder)).toEqual([]);
});

test('a listener is told of a launch by a run of the entry, and when the entry is removed or handed on', () => {
	const [folder, elsewhere] = [temporaryFolder(), join(temporaryFolder(), 'released.jsonl')];
	const heard: unknown[] = [];
	const listener = {
		launched: (...facts: unknown[]) => void heard.push(facts),
		over: (id: string) => void heard.push(id),
	};
	const entry = new Entry(folder, listener);
	entry.note({ launched });
	entry.note({ run });
	entry.note({ launched: { ...launched, marker: 'fedcba9876543210' } });
	expect(heard).toEqual([]);
	entry.note({ launched });
	const id = basename(pathOf(folder), '.jsonl');
	entry.leaveTo(elsewhere);
	entry.remove();
	expect(heard).toEqual([[id, run, launched], id, id]);
});

test('an unfinished line is ignored', () => {
	const folder = temporaryFolder();
	const entry = new Entry(folder);
	entry.note({ run });
	appendFileSync(pathOf(folder), JSON.stringify({ launched }).slice(0, -5));
	expect(readEntry(pathOf(folder))).toMatchObject({ runs: [run], launches: new Map() });
	// The disk has space again.
	entry.note({ folder: '/tmp/withdaemon-1' });
	expect(readEntry(pathOf(folder))).toMatchObject({ runs: [run], folders: ['/tmp/withdaemon-1'] });
});

test('a file that others could have written, a symlink, and a file with two names are ignored', () => {
	const folder = temporaryFolder();
	const nothing = { folders: [], runs: [], launches: new Map(), asked: [] };
	new Entry(folder).note({ run });
	const path = pathOf(folder);
	chmodSync(path, 0o620);
	expect(readEntry(path)).toEqual(nothing);
	chmodSync(path, 0o600);
	expect(readEntry(path)).toMatchObject({ runs: [run] });
	const second = join(temporaryFolder(), 'second');
	linkSync(path, second);
	expect(readEntry(path)).toEqual(nothing);
	renameSync(path, `${second}.moved`);
	symlinkSync(second, path);
	expect(readEntry(path)).toEqual(nothing);
	mkdirSync(join(folder, 'folder'));
	expect(readEntry(join(folder, 'folder'))).toEqual(nothing);
});

const program = { kind: 'program', argv: ['sh', '-c', 'true'], cwd: '/', env: { A: null, B: 'b' } };

test.each([
	['a folder that is relative', { folder: 'tmp/withdaemon-1' }],
	['a folder that is no text', { folder: ['/tmp/withdaemon-1'] }],
	['a marker that this library would not make', { run: { ...run, marker: '.*' } }],
	['a signal that there is not', { run: { ...run, request: { kind: 'signal', signal: 'SIGNONE' } } }],
	['a signal by its number', { run: { ...run, request: { kind: 'signal', signal: 9 } } }],
	['no request', { run: { ...run, request: undefined } }],
	['a program without a name', { run: { ...run, request: { ...program, argv: [''] } } }],
	['arguments that are no texts', { run: { ...run, request: { ...program, argv: ['sh', 1] } } }],
	['a program without a folder', { run: { ...run, request: { ...program, cwd: '' } } }],
	['an environment that is a list', { run: { ...run, request: { ...program, env: [] } } }],
	['a variable that is no text', { run: { ...run, request: { ...program, env: { A: 1 } } } }],
	['a variable that no environment can hold', { run: { ...run, request: { ...program, env: { 'A=B': 'c' } } } }],
	['a negative time', { run: { ...run, shutdownTimeout: -1 } }],
	['a kill mode that there is not', { run: { ...run, killMode: 'all' } }],
	['a PID file that is relative', { run: { ...run, pidFile: 'redis.pid' } }],
	['init', { launched: { ...launched, identity: { pid: 1, startTime: '7' } } }],
	['a process group', { launched: { ...launched, launcher: { pid: -42, startTime: '7' } } }],
	['a process without a start time', { launched: { ...launched, identity: { pid: 42 } } }],
	['a start point without a pid', { launched: { ...launched, since: { pid: 'x', forks: 1 } } }],
	['a process that was asked at no time', { asked: { ...identity, pgid: 0 } }],
	['a process that was asked with a group that there is not', { asked: { ...identity, pgid: -1, inSessionAt: 0 } }],
	['init, which was asked', { asked: { pid: 1, startTime: '7', pgid: 0, inSessionAt: 0 } }],
	['a list', []],
	['null', null],
])('an entry with %s is not obeyed', (_, fact) => {
	const folder = temporaryFolder();
	new Entry(folder).note({ run: { ...run, request: program as RunRecord['request'] } });
	appendFileSync(pathOf(folder), `\n${JSON.stringify(fact)}\n`);
	expect(readEntry(pathOf(folder))).toEqual({
		folders: [],
		runs: [{ ...run, request: program }],
		launches: new Map(),
		asked: [],
	});
});
