import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listening, startDaemon, withDaemon } from '../../src/index.ts';
import { checkOf, thisProcess } from '../support/checks.ts';
import { fixture } from '../support/fixtures.ts';
import { freePort, startStranger } from '../support/ports.ts';
import { onTestFinished } from '../support/this-test.ts';
import { watchTraces } from '../support/traces.ts';
import { waitedFor } from '../support/waited-for.ts';

const listens = (port: number | string, host = '127.0.0.1') => ({
	startupCommand: [fixture('listens.mjs'), port, host],
});
const stays = { startupCommand: [fixture('never-ready.sh')] };

/** Enough looks for the probe beside it to have an answer: each of these takes as long as one of its own. */
function afterSomeLooks(port: number): () => Promise<boolean> {
	const check = checkOf(listening(port));
	let looks = 0;
	return async () => {
		await check.look?.(new AbortController().signal, thisProcess);
		return ++looks > 5;
	};
}

const masked = (text: string, port: number, pid: number | undefined) =>
	text
		.replaceAll(String(port), '[port]')
		.replaceAll(String(pid), '[pid]')
		.replaceAll(process.execPath, '[node]')
		.replaceAll(fixture(''), '/project/fixtures/')
		.replaceAll(process.cwd(), '/project');

test.each(['127.0.0.1', '::1', '::'])(
	'a daemon that listens on %s is ready when it accepts connections',
	async host => {
		const traces = watchTraces();
		const options = { ...listens('{port}', host), port: 'auto', ready: listening() } as const;
		await withDaemon(options, async ({ log }) => {
			expect(await log.waitFor('ready')).toBeDefined();
		});
		expect(traces.left()).toEqual([]);
	},
);

test('a named port, an address, and a listener that is a child of the daemon', async () => {
	const command = ['sh', '-c', '"$0" "$@" & wait', fixture('listens.mjs'), '{ports.http}'];
	const ready = listening('{ports.http}', { host: '127.0.0.1' });
	await withDaemon({ startupCommand: command, ports: { http: 'auto' }, ready }, () => {});
});

test('an address that stands for loopback, or is written in another way', async () => {
	for (const [host, other] of [
		['127.0.0.1', '0.0.0.0'],
		['127.0.0.1', '::ffff:127.0.0.1'],
		['::1', '::'],
		['::1', '0:0::1'],
	] as const)
		await withDaemon(
			{ ...listens('{port}', host), port: 'auto', ready: listening('{port}', { host: other }) },
			() => {},
		);
});

test('an address on which the daemon does not listen', async () => {
	const ready = [listening('{port}', { host: '::1' })];
	const logged = ({ log }: { log: { text(): string } | undefined }) => log?.text().includes('ready') ?? false;
	const port = await freePort();
	const looked = afterSomeLooks(port);
	const isEnough = async (daemon: { log: { text(): string } | undefined }) => logged(daemon) && (await looked());
	const rows = await waitedFor({ ...listens(port), port, ready }, isEnough);
	expect(masked(rows, port, 0)).toMatchInlineSnapshot(`"listening on ::1:[port]   refuses connections"`);
});

test('a stranger that listens there is named and not taken for the daemon', async () => {
	const port = await freePort();
	const { pid } = await startStranger(port, '127.0.0.1');
	const rows = await waitedFor({ ...stays, ready: [listening(port)] }, afterSomeLooks(port));
	expect(masked(rows, port, pid)).toMatchInlineSnapshot(
		`"listening on port [port]   the process that listens there is not the daemon's: [pid] ([node] /project/fixtures/listens.mjs [port] 127.0.0.1, in /project)"`,
	);
});

test('another daemon of this process is named and not taken for the daemon', async () => {
	const port = await freePort();
	await using first = await startDaemon({ ...listens(port), name: 'first', lookFor: 'ready' });
	const rows = await waitedFor({ ...stays, ready: [listening(port)] }, afterSomeLooks(port));
	expect(masked(rows, port, first.pid)).toMatchInlineSnapshot(
		`"listening on port [port]   the process that listens there is not the daemon's: [pid] of the daemon 'first' (node /project/fixtures/listens.mjs [port] 127.0.0.1, in /project)"`,
	);
});

test('a stranger on one of the two addresses is named, although the daemon has the other', async () => {
	const port = await freePort();
	const { pid } = await startStranger(port, '127.0.0.1');
	const logged = ({ log }: { log: { text(): string } | undefined }) => log?.text().includes('ready') ?? false;
	const both = await waitedFor({ ...listens(port, '::1'), ready: [listening(port)] }, logged);
	expect(both).toContain('listening on port');
	const ready = listening(port, { host: '::1' });
	await withDaemon({ ...listens(port, '::1'), ready }, () => {});
	expect(pid).toBeDefined();
});

test('a stranger on every address of IPv6 is not taken for the daemon, which has those of IPv4', async () => {
	const port = await freePort();
	const stranger = createServer().listen({ port, host: '::', ipv6Only: true });
	onTestFinished(() => void stranger.close());
	await once(stranger, 'listening');
	const logged = ({ log }: { log: { text(): string } | undefined }) => log?.text().includes('ready') ?? false;
	const looked = afterSomeLooks(port);
	const isEnough = async (daemon: { log: { text(): string } | undefined }) => logged(daemon) && (await looked());
	const rows = await waitedFor({ ...listens(port, '0.0.0.0'), ready: [listening(port)] }, isEnough);
	expect(rows).toContain(`the process that listens there is not the daemon's: ${process.pid} (`);
});

test('wrong ports and addresses are refused', async () => {
	const ready = [listening(0), listening('{prot}'), listening(80, { host: 'localhost' }), listening()];
	await expect(startDaemon({ ...stays, ready })).rejects.toThrowErrorMatchingInlineSnapshot(`
		[InvalidOptionError: never-ready.sh has 5 invalid options
		  option       \`ready\` uses {port}, but no \`port\` is asked for.
		               \`ready\` uses {prot}, which nothing fills in. Did you mean {port}?
		               \`ready\`, listening(): Expected \`port\` to be a whole number from 1 to 65535, '{port}' or '{ports.NAME}', but got 0 (number).
		               \`ready\`, listening(): Expected \`port\` to be a whole number from 1 to 65535, '{port}' or '{ports.NAME}', but got "{prot}" (string).
		               \`ready\`, listening(): Expected \`host\` to be an IP address, but got "localhost" (string).]
	`);
});
