/**
 * Real servers that inherit their socket: a client that comes before they run waits, and the next run keeps the port.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DaemonOptions, withDaemon } from '../../src/index.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { ask, describeServer, expectGone, tracesOf } from '../support/real-servers.ts';

/** Without `lookFor`: the first request comes before the server is ready, and the second one before it runs at all. */
async function expectNoRefusal(options: DaemonOptions): Promise<void> {
	const traces = await withDaemon({ ...options, listen: 'auto' }, async daemon => {
		const { port, pid } = daemon;
		const address = { port, host: '127.0.0.1' };
		const request = () => ask(address, 'GET / HTTP/1.0\r\n\r\n');
		expect(await request()).toMatch(/^HTTP\/1\.[01] 200 OK\r\n.*\nhello\n$/s);
		await daemon.shutdown();
		const early = request();
		await daemon.startup();
		expect(await early).toContain('hello');
		expect([daemon.port, daemon.pid === pid]).toEqual([port, false]);
		return await tracesOf(daemon, address);
	});
	await expectGone(traces);
}

describeServer('nginx', ['nginx'], ({ nginx }) => {
	test('takes the socket at the address of its `listen`', async () => {
		const folder = temporaryFolder();
		mkdirSync(join(folder, 'temp'));
		const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path temp/${name};`);
		writeFileSync(
			join(folder, 'server.conf'),
			`daemon off;
			error_log stderr;
			events {}
			http {
				access_log off;
				${paths.join(' ')}
				server { listen 127.0.0.1:PORT; location / { return 200 "hello\\n"; } }
			}`,
		);
		const script = 'sed "s/PORT/$1/" server.conf >nginx.conf; exec "$0" -p . -c nginx.conf -g "pid nginx.pid;"';
		await expectNoRefusal({
			startupCommand: ['sh', '-c', script, nginx, '{listen}'],
			cwd: folder,
			env: { NGINX: '{listen.fd};' },
		});
	});
});

describeServer('Python', ['python3'], ({ python3 }) => {
	test('takes the socket by its descriptor', async () => {
		const code = `if True:
			import http.server, socket
			class Hello(http.server.BaseHTTPRequestHandler):
				def do_GET(self):
					self.send_response(200)
					self.end_headers()
					self.wfile.write(b'hello\\n')
			server = http.server.HTTPServer(('', 0), Hello, bind_and_activate=False)
			server.socket = socket.socket(fileno={listen.fd})
			server.serve_forever()`;
		await expectNoRefusal({ startupCommand: [python3, '-c', code] });
	});
});
