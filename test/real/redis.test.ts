/** Redis: asked in its own protocol over a unix socket, ended by its own client, and its own words when it fails. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DaemonExitedError, notified, StartupError, startDaemon, withDaemon } from '../../src/index.ts';
import { useDaemon } from '../../src/vitest/index.ts';
import { ask, describeServer, expectGone, type Traces, tracesOf } from '../support/real-servers.ts';
import { onTestFinished } from '../support/this-test.ts';
import { callLibc } from '../support/way-to-libc.ts';

/** A request as redis.io/docs/reference/protocol-spec describes it. */
const resp = (...words: string[]) =>
	`*${words.length}\r\n${words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
const QUIT = resp('QUIT');

describeServer('Redis', ['redis-server', 'redis-cli'], programs => {
	const redis = {
		startupCommand: [
			...[programs['redis-server'], '--port', '0', '--unixsocket', '{dir}/redis.sock'],
			...['--dir', '{dir}', '--save', ''],
		],
		lookFor: /ready to accept connections/i,
	};
	const socketOf = ({ dir }: { dir: string }) => ({ path: join(dir, 'redis.sock') });

	test('keeps the data that it gets, and is gone afterwards', async () => {
		const traces = await withDaemon(redis, async daemon => {
			const socket = socketOf(daemon);
			expect(await ask(socket, resp('SET', 'greeting', 'hello') + QUIT)).toBe('+OK\r\n+OK\r\n');
			expect(await ask(socket, resp('GET', 'greeting') + QUIT)).toBe('$5\r\nhello\r\n+OK\r\n');
			return await tracesOf(daemon, socket);
		});
		await expectGone(traces);
	});

	test('listens on the port that it gets, and no longer after its end', async () => {
		const startupCommand = [programs['redis-server'], '--port', '{port}', '--dir', '{dir}', '--save', ''];
		const shutdownCommand = `${programs['redis-cli']} -p {port} shutdown nosave`;
		const traces = await withDaemon({ ...redis, startupCommand, shutdownCommand, port: 'auto' }, async daemon => {
			const address = { port: daemon.port };
			expect(await ask(address, resp('SET', 'greeting', 'hello') + QUIT)).toBe('+OK\r\n+OK\r\n');
			return await tracesOf(daemon, address);
		});
		await expectGone(traces);
	});

	test('ends when its own client asks it to', async () => {
		const shutdownCommand = `${programs['redis-cli']} -s {dir}/redis.sock shutdown nosave`;
		const traces = await withDaemon({ ...redis, shutdownCommand }, async daemon => {
			const socket = socketOf(daemon);
			const noted = await tracesOf(daemon, socket);
			await daemon.shutdown();
			expect(await daemon.exited).toEqual({ code: 0, signal: null });
			expect(daemon.log.text()).toMatch(/User requested shutdown.*bye bye/s);
			expect(existsSync(socket.path)).toBe(false);
			return noted;
		});
		await expectGone(traces);
	});

	test('writes its PID file itself, and removes it', async () => {
		const startupCommand = [...redis.startupCommand, '--pidfile', '{pidFile}'];
		let traces: Traces;
		{
			await using daemon = await startDaemon({ ...redis, startupCommand });
			traces = await tracesOf(daemon, socketOf(daemon));
			expect(readFileSync(traces.pidFile, 'latin1')).toBe(`${daemon.pid}\n`);
			await daemon.shutdown();
			expect(daemon.log.text()).toContain('Removing the pid file');
		}
		await expectGone(traces);
	});

	test('says itself when it is ready', async () => {
		onTestFinished(callLibc());
		const startupCommand = [...redis.startupCommand, '--supervised', 'systemd'];
		const traces = await withDaemon({ startupCommand, ready: notified() }, async daemon => {
			expect(await ask(socketOf(daemon), resp('PING') + QUIT)).toBe('+PONG\r\n+OK\r\n');
			return await tracesOf(daemon, socketOf(daemon));
		});
		await expectGone(traces);
	});

	test('is followed when it daemonizes itself', async () => {
		const files = ['--pidfile', '{pidFile}', '--logfile', '{logFile}'];
		const startupCommand = [...redis.startupCommand, '--daemonize', 'yes', ...files];
		const traces = await withDaemon({ ...redis, startupCommand, forking: true }, async daemon => {
			expect(readFileSync(String(daemon.pidFile), 'latin1')).toBe(`${daemon.pid}\n`);
			expect(await ask(socketOf(daemon), resp('PING') + QUIT)).toBe('+PONG\r\n+OK\r\n');
			return await tracesOf(daemon, socketOf(daemon));
		});
		await expectGone(traces);
	});

	test('is reported dead at once when a client shuts it down during the test', async () => {
		const run = withDaemon(redis, async daemon => {
			await ask(socketOf(daemon), resp('SHUTDOWN', 'NOSAVE'));
			await new Promise<never>(() => {});
		});
		await expect(run).rejects.toThrow(DaemonExitedError);
		await expect(run).rejects.toThrow(/exited with code 0 while it was in use.*User requested shutdown/s);
	});

	test('says which directive it does not know', async () => {
		const startupCommand = [...redis.startupCommand, '--no-such-directive', 'yes'];
		const start = startDaemon({ ...redis, startupCommand });
		await expect(start).rejects.toThrow(StartupError);
		await expect(start).rejects.toMatchObject({ exit: { code: 1, signal: null } });
		await expect(start).rejects.toThrow(/'no-such-directive "yes"'.*Bad directive or wrong number of arguments/s);
	});

	test('says that its port is taken', async () => {
		const stranger = createServer().listen(0, '127.0.0.1');
		await once(stranger, 'listening');
		const { port } = stranger.address() as AddressInfo;
		try {
			const startupCommand = [...redis.startupCommand, '--bind', '127.0.0.1', '--port', String(port)];
			const start = startDaemon({ ...redis, startupCommand });
			await expect(start).rejects.toThrow(StartupError);
			await expect(start).rejects.toThrow(`127.0.0.1:${port}: bind: Address already in use`);
		} finally {
			stranger.close();
		}
	});

	describe('with a fresh one for each test', () => {
		const daemon = useDaemon(redis, { per: 'test' });

		test.each(['the first', 'the second'])('is empty for %s', async () => {
			// NX: only if the key does not exist; otherwise the answer is nil.
			expect(await ask(socketOf(daemon), resp('SET', 'key', 'value', 'NX') + QUIT)).toBe('+OK\r\n+OK\r\n');
		});
	});
});
