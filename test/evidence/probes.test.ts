/** What the error of a start says about each probe that does not hold. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command, fileExists, listening, logged, responds, socketOpen } from '../../src/index.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { freePort } from '../support/ports.ts';
import { onTestFinished } from '../support/this-test.ts';
import { waitedFor } from '../support/waited-for.ts';

const answers: Record<string, (response: ServerResponse) => void> = {
	'/missing': response => response.writeHead(404).end(),
	'/broken': response => response.writeHead(500).end(),
	'/hangs': () => {},
	'/drips': response => {
		const drip = setInterval(() => response.write('x'), 5);
		response.on('close', () => clearInterval(drip));
	},
	'/other': response => response.end('maintenance'),
};

/** Serves them on a unix socket. Returns the number of requests for each so far. */
async function serveAll(path: string): Promise<Record<string, number>> {
	const seen = Object.fromEntries(Object.keys(answers).map(url => [url, 0]));
	const server = createServer(({ url = '' }, response) => {
		seen[url] = (seen[url] ?? 0) + 1;
		answers[url]?.(response);
	}).listen(path);
	onTestFinished(() => {
		server.close();
		server.closeAllConnections();
	});
	await once(server, 'listening');
	return seen;
}

test('each probe says why it does not hold', async () => {
	const folder = temporaryFolder();
	const [socketPath, abandoned, grows] = ['http.sock', 'abandoned.sock', 'grows'].map(name => join(folder, name)) as [
		string,
		string,
		string,
	];
	const seen = await serveAll(socketPath);
	const leave = `require('net').createServer().listen(${JSON.stringify(abandoned)}, () => process.kill(process.pid, 'SIGKILL'))`;
	spawnSync(process.execPath, ['-e', leave]);
	appendFileSync(grows, 'x');
	const port = await freePort();
	// Those that answer have time to.
	const tryTimeoutOf = (url: string) => (['/hangs', '/drips'].includes(url) ? 100 : 60_000);
	const bodyOf = (url: string) => (['/other', '/drips'].includes(url) ? { body: 'ready' } : {});
	const ask = (url: string) =>
		responds(`http://localhost${url}`, { socketPath, tryTimeout: tryTimeoutOf(url), ...bodyOf(url) });
	const count = join(folder, 'count');
	let hasLooked = false;
	const ready = [
		...Object.keys(answers).map(ask),
		socketOpen(abandoned),
		fileExists(grows, { stableForMs: 1e6 }),
		logged('never'),
		command(['sh', '-c', 'echo >>"$0"; echo "no such table" >&2; exit 3', count]),
		listening('{port}', { host: '127.0.0.1' }),
		function settles() {
			return new Promise<boolean>(() => {});
		},
		function isWarm() {
			hasLooked = true;
			return 'the cache is cold';
		},
	];
	// A second request or run begins when the first one has its reason.
	const isEnough = async () => {
		const runs = await countLines(count);
		return hasLooked && runs > 1 && Object.values(seen).every(requests => requests > 1);
	};
	const startupCommand = [fixture('listens.mjs'), '{port}', '::1'];
	const logs = ({ log }: { log: { text(): string } | undefined }) => log?.text().includes('ready') ?? false;
	const rows = await waitedFor({ startupCommand, port, ready }, async daemon => logs(daemon) && (await isEnough()));
	const masked = rows
		.replaceAll(folder, '[folder]')
		.replaceAll(String(port), '[port]')
		// It is only said of a call that takes more than a second.
		.replace('; a call of it has not settled', '')
		.replaceAll(/\b\d+ ms\b/g, '[n] ms');
	expect(masked).toMatchInlineSnapshot(`
		"GET http://localhost/missing through [folder]/http.sock   404 instead of 200 to 399
		GET http://localhost/broken through [folder]/http.sock   500 instead of 200 to 399
		GET http://localhost/hangs through [folder]/http.sock   no answer within [n] ms
		GET http://localhost/drips through [folder]/http.sock   no answer within [n] ms
		GET http://localhost/other through [folder]/http.sock   200, but its body does not contain "ready": "maintenance" (string)
		unix socket [folder]/abandoned.sock   nobody listens on it (ECONNREFUSED)
		file [folder]/grows   it has 1 bytes, but has not been the same for [n] ms yet
		log line "never"   1 line read, no match
		command sh -c echo >>"$0"; echo "no such table" >&2; exit 3 [folder]/count   it exited with code 3: no such table
		listening on 127.0.0.1:[port]   refuses connections
		function settles   no answer yet
		function isWarm   the cache is cold"
	`);
});

const countLines = async (path: string) => {
	const { stdout } = spawnSync('wc', ['-l', path], { encoding: 'utf8' });
	return Number.parseInt(stdout, 10) || 0;
};
