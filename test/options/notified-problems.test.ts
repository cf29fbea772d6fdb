import { expect, test } from 'vitest';
import { any, Daemon, notified, withDaemon } from '../../src/index.ts';

test('a `Daemon` refuses notified(), also within another probe', () => {
	const options = { name: 'x', pidFile: '/tmp/x.pid', startupCommand: 'x', ready: any([notified()]) };
	expect(() => new Daemon(options)).toThrow(
		'`ready`, notified(): A `Daemon` outlives its caller, and then nobody listens to it: use `startDaemon` or `withDaemon`.',
	);
});

test('a variable that the probe sets itself is refused', async () => {
	const run = withDaemon({ startupCommand: 'x', ready: notified(), env: { NOTIFY_SOCKET: '/x' } }, () => {});
	await expect(run).rejects.toThrow('`ready`, notified(): `env` sets NOTIFY_SOCKET, as the probe does: give one.');
});

test.each([
	[{ ready: notified({ fd: 2 }) }, 'Expected `fd` to be a whole number from 3 to 7, but got 2 (number).'],
	[{ ready: notified({ fd: 8 }) }, 'Expected `fd` to be a whole number from 3 to 7, but got 8 (number).'],
	[{ ready: [notified({ fd: 3 }), notified({ fd: 4 })] }, 'Expected one `fd`, but got 3 and 4.'],
	[
		{ ready: notified({ fd: 4 }), listen: { a: 'auto', b: 'auto' } as const },
		'`fd` is 4, where the daemon gets the socket of `listen.b`: give another one, up to 7.',
	],
	[
		{ ready: notified({ fd: 3 }), afterFork: () => {} },
		'A command behind a hook has no descriptor 3: leave out `afterFork` and `beforeExec`.',
	],
])('a descriptor is refused with %j', async (options, problem) => {
	const run = withDaemon({ startupCommand: 'x', ...options }, () => {});
	await expect(run).rejects.toThrow(`\`ready\`, notified(): ${problem}`);
});
