/** nginx is ready when it accepts connections; its configuration gets the port and a folder of its own. */
import { expect, test } from 'vitest';
import { useDaemon } from 'withdaemon/vitest';

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path {dir}/${name};`);
const nginx = useDaemon({
	name: 'nginx',
	startupCommand: 'printf %s "$CONF" >nginx.conf && exec nginx -p {dir} -c nginx.conf -e stderr',
	cwd: '{dir}',
	env: {
		CONF: `
			daemon off;
			pid {pidFile};
			error_log stderr;
			events {}
			http {
				access_log off;
				${temporary.join(' ')}
				server { listen 127.0.0.1:{port}; location / { return 200 "hello"; } }
			}`,
	},
	port: 'auto',
});

test('nginx says hello', async () => {
	const response = await fetch(`http://127.0.0.1:${nginx.port}/`);
	expect(await response.text()).toBe('hello');
});
