/** `useDaemon` when all goes well; `index.test.ts` has the failures. */
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { InvalidOptionError, type RunningDaemon } from '../../src/index.ts';
import { useDaemon } from '../../src/vitest/index.ts';
import { fixture } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';

const wellBehaved = { startupCommand: [fixture('well-behaved.mjs')], lookFor: /listening on port (?<port>\d+)/ };

describe('useDaemon()', () => {
	const daemon = useDaemon(wellBehaved);
	let pid = 0;

	test('starts a daemon that is ready', async () => {
		expect(daemon.state).toBe('ready');
		expect(await text(connect(Number(daemon.captures['port']), '127.0.0.1'))).toBe('hello\n');
		pid = daemon.pid;
	});

	test('keeps it for all tests', () => expect(daemon.pid).toBe(pid));

	describe('in a suite around', () => {
		test('keeps it for the tests of this one', () => expect(daemon.pid).toBe(pid));
	});

	test.concurrent('keeps it for concurrent tests', () => expect(daemon.isAlive()).toBe(true));

	test('keeps it when a test starts it anew', async () => {
		await daemon.restart();
		expect(daemon.pid).not.toBe(pid);
		expect(isGone(pid)).toBe(true);
	});

	test('refuses wrong options at once', () => {
		// @ts-expect-error: that is the point.
		expect(() => useDaemon({ startupcommand: 'sleep 1' })).toThrow(InvalidOptionError);
	});

	test('is typed as a daemon', () => expectTypeOf(daemon).toEqualTypeOf<RunningDaemon>());
});

describe('useDaemon(), between the hooks of the suite,', () => {
	const settings = join(tmpdir(), 'settings-of-use-daemon');
	let pid = 0;
	beforeAll(() => writeFileSync(settings, 'ready'));
	afterAll(() => {
		expect(isGone(pid)).toBe(true);
		rmSync(settings);
	});
	const daemon = useDaemon({ startupCommand: ['sh', '-c', 'cat "$0" && exec sleep 1000', settings], lookFor: 'ready' });
	describe('', () => {
		beforeAll(() => {
			pid = daemon.pid;
		});
		afterAll(() => expect(daemon.isAlive()).toBe(true));
		test('starts after the daemons before it, and ends before they do', () => expect(daemon.isAlive()).toBe(true));
	});
});

describe("useDaemon(…, { per: 'test' })", () => {
	const daemon = useDaemon({ startupCommand: [fixture('is-ready.sh')], lookFor: 'ready' }, { per: 'test' });
	let pid = 0;

	test('starts a daemon for a test', () => {
		pid = daemon.pid;
		expect(daemon.isAlive()).toBe(true);
	});

	test('starts another one for the next, and the one before is gone', () => {
		expect(daemon.isAlive()).toBe(true);
		expect(isGone(pid)).toBe(true);
	});
});

describe('useDaemon() of a function', () => {
	const first = useDaemon({ startupCommand: [fixture('listens.mjs'), '{port}'], port: 'auto', lookFor: 'ready' });
	const options = () => ({ startupCommand: ['sh', '-c', `echo uses ${first.port}; exec sleep 1000`], lookFor: 'uses' });
	const second = useDaemon(options);
	const third = useDaemon(options, { per: 'test' });

	test('starts a daemon that knows the daemons before it', () => {
		expect([second, third].map(({ log }) => log.lines())).toEqual(Array(2).fill([`uses ${first.port}`]));
	});
});
