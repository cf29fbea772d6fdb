/** Ports that are not what they should be: taken by a stranger, or listened on where nobody looks. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { LeakError, PortInUseError, startDaemon, withDaemon } from '../../src/index.ts';
import { fixture } from '../support/fixtures.ts';
import { freePort, startStranger } from '../support/ports.ts';
import { isGone } from '../support/processes.ts';

const greet = (port: number, host = '127.0.0.1') => text(connect(port, host));

test('port taken by a stranger: nothing is started, the error names the stranger, who is left alone', async () => {
	const port = await freePort();
	const stranger = await startStranger(port, '127.0.0.1');
	const startupCommand = [fixture('listens.mjs'), '{port}'];
	const run = withDaemon({ startupCommand, port, lookFor: 'ready' }, () => expect.unreachable());
	await expect(run).rejects.toThrow(PortInUseError);
	await expect(run).rejects.toThrow(
		new RegExp(`^listens.mjs cannot have port ${port}: .*\n +port ${port} +${stranger.pid} `),
	);
	expect([stranger.exitCode, await greet(port)]).toEqual([null, 'hello\n']);
});

test('port taken by a stranger once the daemon has gone: that is reported, and the stranger left alone', async () => {
	const startupCommand = [fixture('listens.mjs'), '{port}'];
	const daemon = await startDaemon({ startupCommand, port: 'auto', lookFor: 'ready' });
	await daemon.shutdown();
	const stranger = await startStranger(daemon.port, '127.0.0.1');
	const end = daemon[Symbol.asyncDispose]();
	await expect(end).rejects.toThrow(LeakError);
	await expect(end).rejects.toThrow(
		new RegExp(`^listens.mjs left port ${daemon.port} open\n +port .* ${stranger.pid} `),
	);
	expect([stranger.exitCode, await greet(daemon.port)]).toEqual([null, 'hello\n']);
	expect([isGone(daemon.pid), existsSync(daemon.dir)]).toEqual([true, false]);
});

test('only ::1 listening: a daemon is used there, and a stranger there is seen', async () => {
	const startupCommand = [fixture('listens.mjs'), '{port}', '::1'];
	const port = await withDaemon({ startupCommand, port: 'auto', lookFor: 'ready' }, async daemon => {
		expect(await greet(daemon.port, '::1')).toBe('hello\n');
		const second = withDaemon({ startupCommand, port: daemon.port, lookFor: 'ready' }, () => expect.unreachable());
		await expect(second).rejects.toThrow(new RegExp(`port ${daemon.port} +${daemon.pid} .* listens on ::1`));
		expect(daemon.isAlive()).toBe(true);
		return daemon.port;
	});
	await expect(greet(port, '::1')).rejects.toThrow('ECONNREFUSED');
	const stranger = await startStranger(port, '::1');
	const start = startDaemon({ startupCommand, port, lookFor: 'ready' });
	await expect(start).rejects.toThrow(PortInUseError);
	stranger.kill('SIGKILL');
	await once(stranger, 'exit');
});
