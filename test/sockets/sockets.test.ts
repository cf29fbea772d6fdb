import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
	chownSync,
	existsSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { Daemon, PortInUseError, startDaemon, withDaemon } from '../../src/index.ts';
import { Sockets } from '../../src/sockets/sockets.ts';
import { TcpSocket } from '../../src/sockets/tcp.ts';
import { startCaller } from '../support/doomed-callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { freePort, listenOn } from '../support/ports.ts';
import { onTestFinished } from '../support/this-test.ts';
import { callLibc } from '../support/way-to-libc.ts';

const told = {
	startupCommand: [fixture('listens-when-told.mjs')],
	lookFor: 'ready',
	shutdownCommand: 'SIGTERM',
} as const;

/** Connects, which proves that the client was not refused. */
async function client(address: NetConnectOpts): Promise<Socket> {
	const socket = connect(address);
	await once(socket, 'connect');
	return socket;
}
/** Makes a socket on which nobody listens. */
function leaveSocket(path: string): void {
	const leave = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
	spawnSync(process.execPath, ['-e', leave]);
}

/** Empty if the descriptor was closed meanwhile, as that of the look itself. */
function linkOf(path: string): string {
	try {
		return readlinkSync(path);
	} catch {
		return '';
	}
}
const at = (port: number) => ({ port, host: '127.0.0.1' });

test('clients that come before the daemon listens wait, and are served by it', async () => {
	await withDaemon({ ...told, listen: { http: 'auto', api: '{dir}/api.sock' } }, async daemon => {
		expect(daemon.log.text()).toBe('ready 2 http:api true\n');
		const early = [await client(at(daemon.ports['http'] ?? 0)), await client({ path: join(daemon.dir, 'api.sock') })];
		daemon.kill('SIGUSR2');
		expect(await Promise.all(early.map(text))).toEqual([`${daemon.pid} 3`, `${daemon.pid} 4`]);
	});
});

test('many clients can wait at once', async () => {
	await withDaemon({ ...told, listen: { http: 'auto', api: '{dir}/api.sock' } }, async ({ ports, dir }) => {
		const all = Array.from({ length: 50 }, () => [
			client(at(ports['http'] ?? 0)),
			client({ path: join(dir, 'api.sock') }),
		]);
		for (const waiting of await Promise.all(all.flat())) waiting.destroy();
	});
});

test('clients that come before or during a restart wait, and are served by the next run', async () => {
	await withDaemon({ ...told, listen: 'auto' }, async daemon => {
		const { port, pid } = daemon;
		const clients = [client(at(port))];
		await clients[0];
		const restarted = daemon.restart();
		clients.push(client(at(port)));
		await restarted;
		clients.push(client(at(port)));
		expect([daemon.port, daemon.pid === pid]).toEqual([port, false]);
		daemon.kill('SIGUSR2');
		const answers = clients.map(async each => await text(await each));
		expect(await Promise.all(answers)).toEqual(Array(3).fill(`${daemon.pid} 3`));
	});
});

test('a client that comes between two runs waits, and is refused after the teardown', async () => {
	const daemon = await startDaemon({ ...told, listen: 'auto' });
	await daemon.shutdown();
	const between = await client(at(daemon.port));
	await daemon.startup();
	daemon.kill('SIGUSR2');
	expect(await text(between)).toBe(`${daemon.pid} 3`);
	await daemon[Symbol.asyncDispose]();
	await expect(client(at(daemon.port))).rejects.toThrow('ECONNREFUSED');
});

test('each run gets its sockets in blocking mode, whatever the run before has done to them', async () => {
	const isNonBlocking = (pid: number) =>
		(Number.parseInt(/^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/3`, 'utf8'))?.[1] ?? '', 8) & 0o4000) !==
		0;
	await withDaemon({ ...told, listen: 'auto' }, async daemon => {
		expect(isNonBlocking(daemon.pid)).toBe(false);
		daemon.kill('SIGUSR2');
		await text(await client(at(daemon.port)));
		// Node listens in non-blocking mode.
		expect(isNonBlocking(daemon.pid)).toBe(true);
		await daemon.restart();
		expect(isNonBlocking(daemon.pid)).toBe(false);
	});
});

test('the daemon gets the sockets, and no other descriptor', async () => {
	await withDaemon(
		{ startupCommand: ['sleep', '1000'], listen: { a: 'auto', b: 'auto', c: '{dir}/c', d: 'auto', e: 'auto' } },
		async ({ pid }) => {
			const folder = `/proc/${pid}/fd`;
			// The loader of the program may still have a library open.
			await expect
				.poll(() => readdirSync(folder).map(fd => readlinkSync(join(folder, fd)).startsWith('socket:[')))
				.toEqual([...Array(3).fill(false), ...Array(5).fill(true)]);
		},
	);
});

test('placeholders are the port or the path, and the descriptor', async () => {
	const startupCommand = 'echo {listen.web} {listen.web.fd} {listen.api} {listen.api.fd}; sleep 1000';
	const options = { startupCommand, lookFor: / 4$/ };
	await withDaemon({ ...options, listen: { web: 'auto', api: '{dir}/x.sock' } }, daemon => {
		expect(daemon.log.lines()).toEqual([`${daemon.ports['web']} 3 ${daemon.dir}/x.sock 4`]);
	});
	await withDaemon(
		{ startupCommand: 'echo {listen} {listen.fd}; sleep 1000', listen: 'auto', lookFor: / 3$/ },
		daemon => {
			expect(daemon.log.lines()).toEqual([`${daemon.port} 3`]);
		},
	);
});

test('`daemon.port` is that of the option `port`, if both are given', async () => {
	const startupCommand = 'echo {port} {listen}; sleep 1000';
	await withDaemon({ startupCommand, listen: 'auto', port: 'auto', lookFor: ' ', ready: [] }, daemon => {
		const [port, listen] = (daemon.log.lines()[0] ?? '').split(' ').map(Number);
		expect([daemon.port, port === listen]).toEqual([port, false]);
	});
});

test('a daemon that is a function listens on descriptor 3', async () => {
	const serve = async () => {
		const { createServer } = await import('node:net');
		createServer(socket => socket.end('function')).listen({ fd: 3 });
	};
	await withDaemon({ startupCommand: serve, listen: 'auto' }, async daemon => {
		expect(await text(await client(at(daemon.port)))).toBe('function');
	});
});

test('a command behind a hook gets the sockets', async () => {
	onTestFinished(callLibc());
	await withDaemon({ ...told, beforeExec: () => {}, listen: 'auto' }, async daemon => {
		daemon.kill('SIGUSR2');
		expect(await text(await client(at(daemon.port)))).toBe(`${daemon.pid} 3`);
	});
});

test('a fixed port that is in use is refused, and the listener is named', async () => {
	const port = await freePort();
	await listenOn(port, '::1');
	const start = startDaemon({ ...told, listen: port });
	await expect(start).rejects.toThrow(PortInUseError);
	await expect(start).rejects.toThrow(`(this process)`);
});

test('a port that is in use costs no descriptor', async () => {
	const listener = await TcpSocket.open(0);
	const countSockets = () =>
		readdirSync('/proc/self/fd').filter(fd => linkOf(`/proc/self/fd/${fd}`).startsWith('socket:')).length;
	const before = countSockets();
	for (let times = 0; times < 3; times++) await expect(TcpSocket.open(listener.port)).rejects.toThrow('EADDRINUSE');
	// Clients of other tests may close theirs meanwhile.
	expect(countSockets()).toBeLessThanOrEqual(before);
	await listener.close();
});

test.skipIf(process.getuid?.() !== 0)('a socket that another user has left is not removed (only as root)', async () => {
	const path = join(temporaryFolder(), 'a.sock');
	leaveSocket(path);
	chownSync(path, 65_534, 65_534);
	await expect(startDaemon({ ...told, listen: path })).rejects.toThrow('a unix socket of the user 65534 is there');
	chownSync(path, 0, 0);
	await withDaemon({ ...told, listen: path }, () => {});
});

test('a unix socket is for its user only, and is removed at the teardown', async () => {
	const path = join(temporaryFolder(), 'a.sock');
	const daemon = new Daemon({ name: 'x', pidFile: '/dev/null', startupCommand: 'sleep 1000', listen: path });
	await daemon.startup();
	const { mode } = statSync(path);
	expect([mode & 0o777, mode & 0o170_000]).toEqual([0o600, 0o140_000]);
	await daemon.shutdown();
	expect(existsSync(path)).toBe(true);
	await daemon[Symbol.asyncDispose]();
	expect(existsSync(path)).toBe(false);
});

test('a unix socket that was left to its daemon is not taken back', async () => {
	const path = join(temporaryFolder(), 'a.sock');
	const sockets = new Sockets(path);
	await sockets.take(given => given);
	await sockets.leave();
	await sockets.giveBack();
	expect(existsSync(path)).toBe(true);
});

test('what somebody else has put in the place of a unix socket stays after the teardown', async () => {
	const folder = temporaryFolder();
	const path = join(folder, 'a.sock');
	await withDaemon({ ...told, listen: path }, () => {
		rmSync(path);
		writeFileSync(path, 'of somebody else');
	});
	expect(readdirSync(folder)).toEqual(['a.sock']);
	expect(readFileSync(path, 'utf8')).toBe('of somebody else');
});

test('a unix socket in whose place there is another one is made anew at the next launch', async () => {
	const path = join(temporaryFolder(), 'a.sock');
	const daemon = await startDaemon({ ...told, listen: path });
	await daemon.shutdown();
	rmSync(path);
	leaveSocket(path);
	await daemon.startup();
	const waiting = await client({ path });
	daemon.kill('SIGUSR2');
	expect(await text(waiting)).toBe(`${daemon.pid} 3`);
	await daemon[Symbol.asyncDispose]();
});

test('the thread that keeps the sockets has neither the flags nor the NODE_OPTIONS of its caller', async () => {
	const folder = temporaryFolder();
	const [hook, note] = [join(folder, 'hook.cjs'), join(folder, 'note')];
	const noting = 'require("node:worker_threads").isMainThread ? "main " : "thread "';
	writeFileSync(hook, `require('node:fs').appendFileSync(${JSON.stringify(note)}, ${noting});`);
	const options = { startupCommand: 'sleep 1000', listen: 'auto' } as const;
	const prefix = ['env', `NODE_OPTIONS=--require ${hook}`];
	const caller = startCaller('stops', options, temporaryFolder(), ['--require', hook], prefix);
	const ended = once(caller.process, 'exit');
	expect(await caller.next()).toMatchObject({ lines: [] });
	expect(await ended).toEqual([0, null]);
	expect(readFileSync(note, 'utf8')).toBe('main ');
});
