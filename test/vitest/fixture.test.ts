/** `daemonFixture` when all goes well; `index.test.ts` has the failures, and the daemons of a worker. */

import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test as base, describe, expect, expectTypeOf } from 'vitest';
import { InvalidOptionError, type RunningDaemon } from '../../src/index.ts';
import { daemonFixture } from '../../src/vitest/index.ts';
import { fixture } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';

const wellBehaved = { startupCommand: [fixture('well-behaved.mjs')], lookFor: /listening on port (?<port>\d+)/ };
const isReady = { startupCommand: [fixture('is-ready.sh')], lookFor: 'ready' };
const starts: string[] = [];
const silent = () => {};
const note = (message: string) => void (message.includes('is ready') && starts.push(message));
const logger = { debug: silent, info: note, warn: silent, error: silent };

const test = base
	.extend({
		ofTest: daemonFixture(wellBehaved),
		ofFile: daemonFixture(isReady, { scope: 'file' }),
		counted: daemonFixture({ ...isReady, logger }),
	})
	.extend<{ client: string }>({
		client: async ({ ofTest }, use) => {
			await use(await text(connect(Number(ofTest.captures['port']), '127.0.0.1')));
			expect(ofTest.isAlive()).toBe(true);
		},
	});

const pids: Record<'ofTest' | 'ofFile', number> = { ofTest: 0, ofFile: 0 };

test('a daemon of a test or a file is ready', ({ ofTest, ofFile }) => {
	expect([ofTest, ofFile].map(({ state }) => state)).toEqual(['ready', 'ready']);
	Object.assign(pids, { ofTest: ofTest.pid, ofFile: ofFile.pid });
});

test('a daemon of the test is a fresh one, and the one before is gone', ({ ofTest }) => {
	expect(ofTest.isAlive()).toBe(true);
	expect(isGone(pids.ofTest)).toBe(true);
});

test('a daemon of the file is the same again', ({ ofFile }) => {
	expect(ofFile.pid).toBe(pids.ofFile);
});

test('a daemon outlives the fixtures that need it', ({ client }) => expect(client).toBe('hello\n'));

describe('a daemon', () => {
	test('is not started for tests that do not ask for it', ({ ofTest }) => {
		expect(ofTest.isAlive()).toBe(true);
		expect(starts).toEqual([]);
	});

	test('is started for those that do', ({ counted }) => {
		expect(starts).toEqual([`is-ready.sh is ready, its pid is ${counted.pid}`]);
	});
});

describe('concurrent tests have a daemon each:', () => {
	const seen = new Set<number>();
	const both = new EventEmitter();
	const meet = once(both, 'met');
	for (const name of ['one', 'another'])
		test.concurrent(name, async ({ ofTest }) => {
			if (seen.add(ofTest.pid).size === 2) both.emit('met');
			await meet;
			expect(ofTest.isAlive()).toBe(true);
		});
});

test('wrong options are refused before any test', () => {
	// @ts-expect-error: that is the point.
	expect(() => daemonFixture({ startupCommand: 'sleep 1', lookfor: 'x' })).toThrow(InvalidOptionError);
});

test('a fixture of any scope is typed as a daemon', ({ ofTest, ofFile, client }) => {
	expectTypeOf(ofTest).toEqualTypeOf<RunningDaemon>();
	expectTypeOf(ofFile).toEqualTypeOf<RunningDaemon>();
	expectTypeOf(client).toEqualTypeOf<string>();
});

const says = (text: string) => ({
	startupCommand: ['sh', '-c', `echo says ${text}; exec sleep 1000`],
	lookFor: 'says',
});
const asked = test.extend({
	needy: daemonFixture(({ ofTest }: { ofTest: RunningDaemon }) => says(String(ofTest.pid))),
	ofTheFile: daemonFixture(({ ofFile: { pid } }: { ofFile: RunningDaemon }) => says(String(pid)), { scope: 'file' }),
	alone: daemonFixture(() => says('nothing')),
	needsTask: daemonFixture(({ task }: { task: { name: string } }) => says(task.name)),
});

describe('a fixture that needs others', () => {
	asked('is given them, started before', ({ needy, ofTheFile, ofTest, ofFile }) => {
		expect(needy.log.lines()).toEqual([`says ${ofTest.pid}`]);
		expect(ofTheFile.log.lines()).toEqual([`says ${ofFile.pid}`]);
		expectTypeOf(needy).toEqualTypeOf<RunningDaemon>();
	});

	asked('or the test', ({ needsTask, alone }) => {
		expect(needsTask.log.lines()).toEqual(['says or the test']);
		expect(alone.log.lines()).toEqual(['says nothing']);
	});

	asked('has to name them', () => {
		expect(() => daemonFixture((fixtures: object) => says(String(fixtures)))).toThrowErrorMatchingInlineSnapshot(
			`[InvalidOptionError: \`daemonFixture\`: the function has to name the fixtures that it needs in a pattern, as in \`({ redis }) => …\`.]`,
		);
	});
});
