/** What an error says about a port that should be free, as a user sees it. */
import { expect, test } from 'vitest';
import { describeListeners } from '../../src/evidence/listeners.ts';
import { startDaemon, withDaemon } from '../../src/index.ts';
import { fixture } from '../support/fixtures.ts';
import { freePort, listenOn, startStranger } from '../support/ports.ts';

/** The message. Whatever differs from run to run is replaced by a name in brackets. */
async function messageOf(work: Promise<unknown>): Promise<string> {
	const error: unknown = await work.then(
		() => expect.unreachable(),
		(reason: unknown) => reason,
	);
	return `${(error as Error).name}: ${(error as Error).message}`
		.replaceAll(process.execPath, 'node')
		.replaceAll(fixture(''), '/project/fixtures/')
		.replace(/(this process\)) {3}.* {3}listens/g, '$1   [command]   listens')
		.replace(/^( +(?:survivor|port \d+) +)\d+/gm, '$1[pid]')
		.replace(/((?:ports?|and|listens.mjs) )\d+/g, '$1[port]')
		.replace(/since \S+Z/g, 'since [time]');
}

const listens = { startupCommand: [fixture('listens.mjs'), '{port}'], lookFor: 'ready', name: 'api' };

test('a port that a process already holds, on one address or on several', async () => {
	const port = await freePort();
	const stranger = await startStranger(port, '127.0.0.1');
	expect(await messageOf(withDaemon({ ...listens, port }, () => {}))).toMatchInlineSnapshot(`
		"PortInUseError: api cannot have port [port]: something listens on it already
		  port [port]   [pid]   node /project/fixtures/listens.mjs [port] 127.0.0.1   listens on 127.0.0.1, since [time]"
	`);
	stranger.kill('SIGKILL');
	await expect.poll(() => stranger.exitCode ?? stranger.signalCode).toBe('SIGKILL');
	await listenOn(port, '127.0.0.1');
	await listenOn(port, '::1');
	expect(await messageOf(withDaemon({ ...listens, port }, () => {}))).toMatchInlineSnapshot(`
		"PortInUseError: api cannot have port [port]: something listens on it already
		  port [port]   [pid] (this process)   [command]   listens on 127.0.0.1 and ::1, since [time]"
	`);
});

test('a port that another daemon of this process holds', async () => {
	const port = await freePort();
	await using _ = await startDaemon({ ...listens, name: 'first', port });
	expect(await messageOf(withDaemon({ ...listens, port }, () => {}))).toMatchInlineSnapshot(`
		"PortInUseError: api cannot have port [port]: something listens on it already
		  port [port]   [pid] (the daemon 'first' that this process has started and not stopped)   node /project/fixtures/listens.mjs [port]   listens on 127.0.0.1, since [time]"
	`);
});

test('a port that a stranger took after the daemon was gone', async () => {
	const daemon = await startDaemon({ ...listens, port: 'auto' });
	await daemon.shutdown();
	await startStranger(daemon.port, '::1');
	expect(await messageOf(daemon[Symbol.asyncDispose]())).toMatchInlineSnapshot(`
		"LeakError: api left port [port] open
		  port [port]   [pid]   node /project/fixtures/listens.mjs [port] ::1   listens on ::1, since [time]"
	`);
});

test('a child that stays, and ports that are open', async () => {
	const startupCommand = [fixture('forks-children.sh')];
	const ports = { port: 'auto', ports: { http: 'auto' }, env: { PORTS: '{port} {ports.http}' }, ready: [] } as const;
	const daemon = await startDaemon({ startupCommand, shutdownCommand: 'SIGINT', lookFor: 'ready', ...ports });
	await daemon.shutdown();
	await startStranger(daemon.port, '127.0.0.1');
	await startStranger(daemon.ports['http'] ?? 0, '::1');
	expect(await messageOf(daemon[Symbol.asyncDispose]())).toMatchInlineSnapshot(`
		"LeakError: forks-children.sh left a process behind and ports [port] and [port] open
		  survivor     [pid]   sleep 1000   found by its process group, since [time], ended by SIGTERM
		  hint         it ignores SIGINT, like everything that a shell started with \`&\`: give \`shutdownCommand: 'SIGTERM'\`
		  port [port]   [pid]   node /project/fixtures/listens.mjs [port] 127.0.0.1   listens on 127.0.0.1, since [time]
		  port [port]   [pid]   node /project/fixtures/listens.mjs [port] ::1   listens on ::1, since [time]"
	`);
});

test('a port whose process ends before it is looked up', async () => {
	const port = await freePort();
	const why = 'but the process that had it has ended, or cannot be seen from here';
	expect(describeListeners(port)).toEqual([[`port ${port}`, `accepted a connection, ${why}`]]);
	expect(describeListeners(port, 'udp')).toEqual([[`UDP port ${port}`, `was bound, ${why}`]]);
});

test('placeholders without a port', async () => {
	const none = messageOf(withDaemon({ ...listens, env: { URL: 'http://127.0.0.1:{ports.http}' } }, () => {}));
	expect(await none).toMatchInlineSnapshot(`
		"InvalidOptionError: api has 2 invalid options
		  option       \`startupCommand\` uses {port}, but no \`port\` is asked for.
		               \`env\` uses {ports.http}, but \`ports\` has no http."
	`);
});
