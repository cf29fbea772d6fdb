/** Redis says itself when it is ready. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { notified } from 'withdaemon';
import { useDaemon } from 'withdaemon/vitest';

const redis = useDaemon({
	startupCommand: "redis-server --bind 127.0.0.1 --port {port} --dir {dir} --save '' --supervised systemd",
	port: 'auto',
	ready: notified(),
});

test('Redis answers', async () => {
	const client = connect(redis.port, '127.0.0.1');
	client.write('PING\r\nQUIT\r\n');
	expect(await text(client)).toBe('+PONG\r\n+OK\r\n');
});
