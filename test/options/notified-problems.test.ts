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
