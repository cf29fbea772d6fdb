/** memcached is ready when it accepts connections at its port. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { useDaemon } from 'withdaemon/vitest';

const memcached = useDaemon({
	startupCommand: 'memcached -l 127.0.0.1 -p {port} -u root',
	port: 'auto',
});

test('memcached keeps a value', async () => {
	const client = connect(memcached.port, '127.0.0.1');
	client.write('set greeting 0 0 5\r\nhello\r\nget greeting\r\nquit\r\n');
	expect(await text(client)).toBe('STORED\r\nVALUE greeting 0 5\r\nhello\r\nEND\r\n');
});
