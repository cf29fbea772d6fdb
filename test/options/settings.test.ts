import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Daemon } from '../../src/index.ts';
import { temporaryFolder } from '../support/fixtures.ts';

const make = (options: object) =>
	new Daemon({ name: 'x', startupCommand: 'a', pidFile: join(temporaryFolder(), 'x.pid'), ...options });

test('of `cwd` and `nochdir` the one that was assigned last holds', () => {
	const daemon = make({ nochdir: true });
	expect(daemon.cwd).toBe(process.cwd());
	daemon.cwd = '/usr';
	expect([daemon.cwd, daemon.nochdir]).toEqual(['/usr', false]);
	daemon.nochdir = true;
	expect([daemon.cwd, daemon.nochdir]).toEqual([process.cwd(), true]);
});

test('of `startupCommand` and `server` the one that was assigned last holds', () => {
	const daemon = make({});
	daemon.server = 'b';
	expect([daemon.startupCommand, daemon.server]).toEqual(['b', 'b']);
	daemon.startupCommand = 'c';
	expect([daemon.startupCommand, daemon.server]).toEqual(['c', 'c']);
});

test('an option that a prototype has counts, also after another one was assigned', () => {
	class Options {
		name = 'x';
		startupCommand = ['a'];
		get pidFile() {
			return '/run/x.pid';
		}
	}
	const daemon = new Daemon(Object.create(new Options(), { logFile: { value: '/run/x.log' } }));
	daemon.timeout = 5;
	const { name, startupCommand, pidFile, logFile } = daemon;
	expect({ name, startupCommand, pidFile, logFile }).toEqual({
		name: 'x',
		startupCommand: ['a'],
		pidFile: '/run/x.pid',
		logFile: '/run/x.log',
	});
	expect(() => new Daemon(Object.create(new Options(), { timeout: { value: '5s' } }))).toThrow('`timeout`');
});
