/** UDP ports: leased, checked and proven to be free again, as those of TCP are. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LeakError, listening, startDaemon, withDaemon } from '../../src/index.ts';
import { leasePort } from '../../src/ports/lease.ts';
import { canBind } from '../../src/udp-port.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { freePort, listenOn, startUdpStranger } from '../support/ports.ts';
import { onTestFinished } from '../support/this-test.ts';
import { watchTraces } from '../support/traces.ts';
import { waitedFor } from '../support/waited-for.ts';

const never = new AbortController().signal;
const answers = { startupCommand: [fixture('answers-udp.mjs'), '{port}'] };
const stays = { startupCommand: [fixture('never-ready.sh'), '{port}'] };
const udp = (port: number | 'auto' = 'auto') => ({ port, protocol: 'udp' }) as const;

/** Binds a port in this process until the test is over. */
async function bindOn(port: number, host = '127.0.0.1'): Promise<Socket> {
	const socket = createSocket('udp4').bind(port, host);
	onTestFinished(() => void socket.close());
	await once(socket, 'listening');
	return socket;
}

/** What is sent back. On loopback nothing is lost, as the daemon is bound already. */
async function echo(port: number, text: string): Promise<string> {
	const socket = createSocket('udp4');
	socket.send(text, port, '127.0.0.1');
	const [data] = await once(socket, 'message');
	socket.close();
	return String(data);
}

const masked = (text: string, port: number, pid?: number) =>
	text
		.replaceAll(String(port), '[port]')
		.replaceAll(String(pid ?? 'none'), '[pid]')
		.replaceAll(fixture(''), '/project/fixtures/')
		.replaceAll(process.cwd(), '/project')
		.replaceAll(process.execPath, '[node]')
		.replace(/since \S+Z/, 'since [time]');

test.concurrent('a daemon is ready when it is bound to its port, which is free again after its end', async () => {
	const port = await withDaemon({ ...answers, port: udp() }, async ({ port }) => {
		expect(await echo(port, 'hello')).toBe('hello');
		expect(await canBind(port)).toBe(false);
		return port;
	});
	expect(await canBind(port)).toBe(true);
});

test.concurrent('a number can be leased once for each protocol', async () => {
	const port = await freePort();
	const [tcp, other] = [await leasePort(never, undefined, 'tcp'), await leasePort(never, undefined, 'udp')];
	const range = ({ port }: { port: number }) => [{ first: port, last: port }];
	const both = await Promise.all([leasePort(never, range(tcp), 'udp'), leasePort(never, range(other), 'tcp')]);
	expect(both.map(lease => lease.port)).toEqual([tcp.port, other.port]);
	await expect(leasePort(never, range(other), 'udp')).rejects.toThrow('none of 1000 ports');
	await bindOn(port);
	await expect(leasePort(never, range({ port }), 'udp')).rejects.toThrow('none of 1000 ports');
	for (const { release } of [tcp, other, ...both]) release();
});

test.concurrent('ports of both protocols can have the same number, and each is checked by its own', async () => {
	const port = await freePort();
	await listenOn(port, '127.0.0.1');
	const daemon = { startupCommand: [fixture('answers-udp.mjs'), '{ports.dns}'], ports: { dns: udp(port) } };
	await withDaemon(daemon, async ({ ports }) => {
		expect(ports).toEqual({ dns: port });
		expect(await echo(port, 'x')).toBe('x');
	});
});

test('a port that is still bound after the end is a leak, and its holder is named', async () => {
	const { left } = watchTraces();
	const startupCommand = [fixture('leaves-its-port-open.mjs'), '{port}', 'udp'];
	const daemon = await startDaemon({ startupCommand, port: udp(), ready: [], lookFor: /escaped (?<pid>\d+)/ });
	const escaped = Number(daemon.captures['pid']);
	const error = await daemon[Symbol.asyncDispose]().catch((reason: unknown) => reason);
	process.kill(escaped, 'SIGKILL');
	expect(error).toBeInstanceOf(LeakError);
	expect((error as LeakError).openPorts).toEqual([daemon.port]);
	expect(masked((error as Error).message, daemon.port, escaped)).toMatchInlineSnapshot(`
		"leaves-its-port-open.mjs left UDP port [port] open
		  UDP port [port] [pid]   [node] -e require('dgram').createSocket('udp6').bind([port], '::1', () => console.log('ready, escaped', process.pid))   is bound to ::1, since [time]"
	`);
	expect(left()).toEqual([]);
});

test('a daemon that loses its chosen port before it is bound gets another one', async () => {
	const folder = temporaryFolder();
	const gate =
		'echo "$3" >"$0/new"; mv "$0/new" "$0/port"; until [ -e "$0/go" ]; do sleep 0.02; done; shift; exec "$@"';
	const startupCommand = ['sh', '-c', gate, folder, 'x', fixture('answers-udp.mjs'), '{port}'];
	const starting = startDaemon({ startupCommand, port: udp() });
	await expect.poll(() => existsSync(join(folder, 'port')), { timeout: 60_000 }).toBe(true);
	const port = Number(readFileSync(join(folder, 'port')));
	await bindOn(port);
	writeFileSync(join(folder, 'go'), '');
	await using daemon = await starting;
	expect(daemon.port).not.toBe(port);
	expect(await echo(daemon.port, 'x')).toBe('x');
});

test('listening() says that nothing is bound to a port, or who is', async () => {
	const port = await freePort();
	let looks = 0;
	const ready = [listening('{port}', { protocol: 'udp', host: '127.0.0.1' })];
	const options = { ...stays, port: udp(port), ready };
	expect(masked(await waitedFor(options, () => ++looks > 20), port)).toMatchInlineSnapshot(
		`"bound to UDP 127.0.0.1:[port]   nothing is bound to it"`,
	);
	const { pid } = await startUdpStranger(port);
	const named = {
		...stays,
		startupCommand: [fixture('never-ready.sh')],
		ready: [listening(port, { protocol: 'udp' })],
	};
	looks = 0;
	expect(masked(await waitedFor(named, () => ++looks > 20), port, pid)).toMatchInlineSnapshot(
		`"bound to UDP port [port]   the process that listens there is not the daemon's: [pid] (node /project/fixtures/answers-udp.mjs [port], in /project)"`,
	);
});
