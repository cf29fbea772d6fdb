/** memcached: asked in its own protocol, over a unix socket and over a port that it has chosen itself. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StartupError, startDaemon, withDaemon } from '../../src/index.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { ask, describeServer, expectGone, tracesOf } from '../support/real-servers.ts';

/** `flags`, `exptime` and `bytes` come before the data; then its own goodbye (protocol.txt). */
const SET_AND_GET = 'set greeting 0 0 5\r\nhello\r\nget greeting\r\nquit\r\n';
const STORED_AND_FOUND = 'STORED\r\nVALUE greeting 0 5\r\nhello\r\nEND\r\n';

describeServer('memcached', ['memcached'], programs => {
	// memcached runs as root only on demand, and no other user has access to `{dir}`.
	const memcached = [programs.memcached, ...(process.getuid?.() === 0 ? ['-u', 'root'] : [])];
	// memcached logs this with -vv only.
	const lookFor = 'server listening';

	test('keeps the data that it gets, and is gone afterwards', async () => {
		const startupCommand = [...memcached, '-vv', '-s', '{dir}/memcached.sock'];
		const traces = await withDaemon({ startupCommand, lookFor }, async daemon => {
			const socket = { path: join(daemon.dir, 'memcached.sock') };
			expect(await ask(socket, SET_AND_GET)).toBe(STORED_AND_FOUND);
			return await tracesOf(daemon, socket);
		});
		await expectGone(traces);
	});

	test('is reached at the port that it chose and wrote down', async () => {
		// memcached renames the complete file into place, more than 100 µs after it logs `server listening`.
		const logFile = join(temporaryFolder(), 'ports');
		const options = {
			startupCommand: [...memcached, '-l', '127.0.0.1', '-p', '-1', '-U', '0'],
			env: { MEMCACHED_PORT_FILENAME: '{logFile}' },
			logFile,
			// Its output goes elsewhere: memcached itself writes this file.
			noclose: true,
			lookFor: /TCP INET: (?<port>\d+)/,
		};
		const traces = await withDaemon(options, async daemon => {
			const address = { host: '127.0.0.1', port: Number(daemon.captures['port']) };
			expect(await ask(address, SET_AND_GET)).toBe(STORED_AND_FOUND);
			return await tracesOf(daemon, address);
		});
		await expectGone(traces);
	});

	test('is followed when it daemonizes itself', async () => {
		const startupCommand = [...memcached, '-d', '-P', '{pidFile}', '-s', '{dir}/memcached.sock'];
		const traces = await withDaemon({ startupCommand, forking: true }, async daemon => {
			const socket = { path: join(daemon.dir, 'memcached.sock') };
			expect(await ask(socket, SET_AND_GET)).toBe(STORED_AND_FOUND);
			return await tracesOf(daemon, socket);
		});
		await expectGone(traces);
	});

	test('ends when a client asks it to', async () => {
		const folder = temporaryFolder();
		const socket = { path: join(folder, 'memcached.sock') };
		const options = {
			pidFile: join(folder, 'memcached.pid'),
			startupCommand: [...memcached, '-vv', '-s', socket.path, '--enable-shutdown'],
			shutdownCommand: () => ask(socket, 'shutdown\r\n'),
			lookFor,
		};
		const traces = await withDaemon(options, async daemon => {
			const noted = await tracesOf(daemon, socket);
			await daemon.shutdown();
			expect(await daemon.exited).toEqual({ code: 0, signal: null });
			expect(daemon.log.text()).toMatch(/^<\d+ shutdown$/m);
			return noted;
		});
		await expectGone(traces);
	});

	test('says why it cannot listen', async () => {
		const startupCommand = [...memcached, '-vv', '-s', '{dir}/missing/memcached.sock'];
		const start = startDaemon({ startupCommand, lookFor });
		await expect(start).rejects.toThrow(StartupError);
		await expect(start).rejects.toThrow(/exited with code 71.*failed to listen on UNIX socket: .*memcached\.sock/s);
	});
});
