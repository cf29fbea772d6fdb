/** Ports that a stranger has taken, or on which something listens at an unusual address. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { LeakError, PortInUseError, startDaemon, withDaemon } from '../../src/index.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { freePort, startStranger, startUdpStranger } from '../support/ports.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

const greet = (port: number, host = '127.0.0.1') => text(connect(port, host));

test('a port that a stranger has taken is refused before a start, and the stranger is left alone', async () => {
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

test('a UDP port that a stranger has taken is refused before a start, and the stranger is left alone', async () => {
	const port = await freePort();
	const stranger = await startUdpStranger(port);
	const startupCommand = [fixture('answers-udp.mjs'), '{port}'];
	const start = startDaemon({ startupCommand, port: { port, protocol: 'udp' } });
	await expect(start).rejects.toThrow(PortInUseError);
	await expect(start).rejects.toMatchObject({ port, protocol: 'udp' });
	await expect(start).rejects.toThrow(
		new RegExp(
			`^answers-udp.mjs cannot have UDP port ${port}: .*\\n +UDP port ${port} +${stranger.pid} .* is bound to 127`,
		),
	);
	expect(stranger.exitCode).toBe(null);
});

test('a chosen port that a stranger takes before the daemon listens is replaced once, and the stranger is left alone', async () => {
	const folder = temporaryFolder();
	const startupCommand = [fixture('listens-late.mjs'), '{port}', folder];
	const starting = startDaemon({ startupCommand, port: 'auto', lookFor: /^ready/ });
	await expect.poll(() => existsSync(join(folder, 'port'))).toBe(true);
	const port = Number(readFileSync(join(folder, 'port')));
	const stranger = await startStranger(port, '127.0.0.1');
	writeFileSync(join(folder, 'go'), '');
	const daemon = await starting;
	expect(daemon.port).not.toBe(port);
	expect([await greet(daemon.port), await greet(port), stranger.exitCode]).toEqual(['hello\n', 'hello\n', null]);
	await daemon[Symbol.asyncDispose]();
	expect([isGone(daemon.pid), existsSync(daemon.dir)]).toEqual([true, false]);
});

test('a port that a stranger takes after the daemon is gone is reported, and the stranger is left alone', async () => {
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

test('an orphan that no trace ties to the daemon is found by its port, named, and left alone', async () => {
	const startupCommand = [fixture('leaves-its-port-open.mjs'), '{port}'];
	const daemon = await startDaemon({ startupCommand, port: 'auto', lookFor: /escaped (?<escaped>\d+)/, ready: [] });
	const escaped = Number(daemon.captures['escaped']);
	onTestFinished(() => void process.kill(escaped, 'SIGKILL'));
	const end = daemon[Symbol.asyncDispose]();
	await expect(end).rejects.toMatchObject({ survivors: [], openPorts: [daemon.port] });
	await expect(end).rejects.toThrow(new RegExp(`port ${daemon.port} +${escaped}   .* listens on ::1, since `));
	expect([isGone(daemon.pid), isGone(escaped), existsSync(daemon.dir)]).toEqual([true, false, false]);
});

test('a listener on ::1 only is found, before the start and after the end', async () => {
	const port = await freePort();
	const stranger = await startStranger(port, '::1');
	const startupCommand = [fixture('listens.mjs'), '{port}', '::1'];
	const start = startDaemon({ startupCommand, port, lookFor: 'ready' });
	await expect(start).rejects.toThrow(PortInUseError);
	await expect(start).rejects.toThrow(new RegExp(`port ${port} +${stranger.pid} .* listens on ::1`));

	const daemon = await startDaemon({ startupCommand, port: 'auto', lookFor: 'ready' });
	expect(await greet(daemon.port, '::1')).toBe('hello\n');
	await daemon.shutdown();
	await expect(greet(daemon.port, '::1')).rejects.toThrow('ECONNREFUSED');
	const late = await startStranger(daemon.port, '::1');
	const end = daemon[Symbol.asyncDispose]();
	await expect(end).rejects.toThrow(LeakError);
	await expect(end).rejects.toThrow(new RegExp(`port ${daemon.port} +${late.pid} .* listens on ::1`));
	expect([stranger.exitCode, late.exitCode]).toEqual([null, null]);
	expect([isGone(daemon.pid), existsSync(daemon.dir)]).toEqual([true, false]);
});
