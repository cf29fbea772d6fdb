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
