/** HAProxy says itself when it is ready, in its mode `-Ws`. */
import { expect, test } from 'vitest';
import { notified } from 'withdaemon';
import { useDaemon } from 'withdaemon/vitest';

const haproxy = useDaemon({
	name: 'haproxy',
	startupCommand: 'printf "%s\n" "$CONF" >haproxy.cfg && exec haproxy -Ws -f haproxy.cfg',
	cwd: '{dir}',
	env: {
		CONF: `
			defaults
				mode http
				timeout connect 5s
				timeout client 30s
				timeout server 30s
			frontend web
				bind 127.0.0.1:{port}
				http-request return status 200 content-type text/plain string hello`,
	},
	port: 'auto',
	ready: notified(),
});

test('HAProxy says hello', async () => {
	const response = await fetch(`http://127.0.0.1:${haproxy.port}/`);
	expect(await response.text()).toBe('hello');
});
