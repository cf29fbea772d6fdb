import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type RespondsOptions, responds, startDaemon } from '../../src/index.ts';
import { checkOf, thisProcess } from '../support/checks.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { freePort } from '../support/ports.ts';
import { onTestFinished } from '../support/this-test.ts';

const never = new AbortController().signal;

type Place = { readonly host?: string; readonly port?: number; readonly path?: string };

async function serve(listener: RequestListener, where: Place = { host: '127.0.0.1' }) {
	const server = createServer(listener).listen('path' in where ? where : { port: 0, ...where });
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	await once(server, 'listening');
	return { server, port: (server.address() as AddressInfo).port };
}

/** The answer to one look. */
const look = (url: string, options?: RespondsOptions) => checkOf(responds(url, options)).look?.(never, thisProcess);

test('the reason says what came instead', async () => {
	const { port } = await serve(({ url }, response) => {
		if (url === '/hangs-up') return response.destroy();
		response.statusCode = url === '/missing' ? 404 : url === '/moved' ? 302 : 200;
		return response.end('warming up');
	});
	const url = `http://127.0.0.1:${port}`;
	expect(await look(url)).toBe(true);
	expect(await look(`${url}/moved`)).toBe(true);
	expect(await look(url, { status: [204, { from: 200, to: 201 }], body: /^warm/g })).toBe(true);
	expect(await look(`${url}/missing`)).toBe('404 instead of 200 to 399');
	expect(await look(`${url}/moved`, { status: [200, 204] })).toBe('302 instead of 200 or 204');
	expect(await look(url, { status: status => status === 201 })).toBe('200, which is not what `status` asks for');
	expect(await look(url, { body: 'ready' })).toBe('200, but its body does not contain "ready": "warming up" (string)');
	expect(await look(`${url}/hangs-up`)).toBe('the connection was closed without an answer (ECONNRESET)');
	expect(await look(`http://127.0.0.1:${await freePort()}`)).toBe('ECONNREFUSED');
});

test('a server that hangs at first is asked anew', async () => {
	let requests = 0;
	const { port } = await serve((_, response) => {
		requests += 1;
		if (requests > 1) response.end();
	});
	await checkOf(responds(`http://127.0.0.1:${port}`, { tryTimeout: 50 })).wait(never, thisProcess);
	expect(requests).toBeGreaterThan(1);
});

test('a try may take a second, unless another limit is given', async () => {
	const { port } = await serve(() => {});
	expect(await look(`http://127.0.0.1:${port}`)).toBe('no answer within 1000 ms');
});

test('a server that is about to end its body is not cut off', async () => {
	const told: string[] = [];
	const { port } = await serve((_, response) => {
		response.write('x');
		// Timers fire in the order of their times, however late they are.
		setTimeout(() => told.push('is about to end'), 25);
	});
	expect(await look(`http://127.0.0.1:${port}`)).toBe(true);
	expect(told).toEqual(['is about to end']);
});

test('a body that drips without end does not count as complete, and holds up nothing', async () => {
	const { port } = await serve((_, response) => {
		const drip = setInterval(() => response.write('x'), 5);
		response.on('close', () => clearInterval(drip));
	});
	expect(await look(`http://127.0.0.1:${port}`)).toBe(true);
	expect(await look(`http://127.0.0.1:${port}`, { body: 'ready', tryTimeout: 200 })).toBe('no answer within 200 ms');
});

test('`localhost` is both addresses, a unix socket will do, and no connection is left', async () => {
	// On a port that nobody has on 127.0.0.1 either.
	const { port, server } = await serve((_, response) => response.end('ok'), { host: '::1', port: await freePort() });
	expect(await look(`http://localhost:${port}`, { body: 'ok' })).toBe(true);
	expect(await look(`http://127.0.0.1:${port}`)).toBe('ECONNREFUSED');
	await expect.poll(() => new Promise(resolve => server.getConnections((_, count) => resolve(count)))).toBe(0);
	const socketPath = join(temporaryFolder(), 'http.sock');
	expect(await look('http://localhost/', { socketPath })).toBe('ENOENT');
	await serve((_, response) => response.end('by socket'), { path: socketPath });
	expect(await look('http://localhost/', { socketPath, body: 'by socket' })).toBe(true);
});

test('when one address of `localhost` has answered, the request to the other one is ended', async () => {
	let answer: (() => void) | undefined;
	let isAsked = false;
	const listener: RequestListener = ({ socket }, response) => {
		if (socket.remoteAddress === '::1') isAsked = true;
		else answer = () => response.end('ok');
		if (isAsked) answer?.();
	};
	const { port, server } = await serve(listener, { host: '::' });
	expect(await look(`http://localhost:${port}`, { tryTimeout: 60_000 })).toBe(true);
	const connections = () => new Promise(resolve => server.getConnections((_, count) => resolve(count)));
	await expect.poll(connections).toBe(0);
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test.skipIf(!hasOpenssl)(
	'a certificate of its own is trusted if it is given, or if any will do (with openssl)',
	async () => {
		const folder = temporaryFolder();
		const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
		const names = ['-subj', '/CN=test', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
		const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
		const made = spawnSync('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', cert], { encoding: 'utf8' });
		expect(made.status, made.stderr).toBe(0);
		const ca = readFileSync(cert);
		const server = createTlsServer({ key: readFileSync(key), cert: ca }, (_, response) => response.end('secret'));
		onTestFinished(() => {
			server.closeAllConnections();
			server.close();
		});
		await once(server.listen(0, '127.0.0.1'), 'listening');
		const { port } = server.address() as AddressInfo;
		for (const url of [`https://127.0.0.1:${port}`, `https://localhost:${port}`]) {
			expect(await look(url, { ca, body: 'secret' })).toBe(true);
			expect(await look(url, { rejectUnauthorized: false, body: 'secret' })).toBe(true);
		}
		expect(await look(`https://127.0.0.1:${port}`)).toBe(
			'its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT); `ca` or `rejectUnauthorized: false` would help',
		);
	},
);

test('an answer of a process that is not of the daemon says nothing, and the reason names that process', async () => {
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	await using stranger = await startDaemon({
		startupCommand: [fixture('answers-http.mjs'), port],
		ready: responds(url),
	});
	const check = checkOf(responds(url));
	expect(await check.look?.(never, thisProcess)).toBe('another process listens there');
	for (const alias of ['0.0.0.0', '[::ffff:127.0.0.1]'])
		expect(await look(`http://${alias}:${port}`)).toBe('another process listens there');
	expect(check.reason()).toContain(
		`the process that listens there is not the daemon's: ${stranger.pid} of the daemon 'answers-http.mjs' (`,
	);
});

test('options that are wrong are refused before anything is started', async () => {
	const headers = { fine: 1, 'not fine': 'x' };
	const given = { status: 99, headers, tryTimeout: 0, strictSSL: false };
	const ready = [
		responds('localhost:{port}', given),
		responds('http://x/', { headers: { broken: 'a\nb' }, status: { from: 200, to: 600 } }),
	];
	await expect(startDaemon({ startupCommand: [fixture('never-ready.sh')], ready })).rejects.toThrow(
		/responds\(\): Expected `status`.*99 \(number\)[\s\S]*`headers`[\s\S]*`tryTimeout`.*0 \(number\)[\s\S]*`strictSSL`.*It is `rejectUnauthorized`[\s\S]*`url`[\s\S]*`headers`.*broken[\s\S]*`status`.*got \{ from, to \}/,
	);
});
