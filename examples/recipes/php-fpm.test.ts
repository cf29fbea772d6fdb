/** php-fpm says itself when it is ready, and nginx finds its unix socket. */
import { expect, test } from 'vitest';
import { defineDaemons, notified, type RunningDaemon, withDaemons } from 'withdaemon';

const pool = `
	[global]
	error_log = /dev/stderr
	[www]
	user = root
	listen = {dir}/php.sock
	pm = static
	pm.max_children = 1
`;
const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path {dir}/${name};`);
const siteFor = (socket: string) => `
	user root;
	daemon off;
	pid {pidFile};
	error_log stderr;
	events {}
	http {
		access_log off;
		${temporary.join(' ')}
		server {
			listen 127.0.0.1:{port};
			location / {
				fastcgi_pass unix:${socket};
				fastcgi_param REQUEST_METHOD $request_method;
				fastcgi_param SCRIPT_FILENAME ${import.meta.dirname}/hello.php;
			}
		}
	}
`;

const group = defineDaemons({
	php: {
		name: 'php-fpm',
		startupCommand: 'printf %s "$CONF" >fpm.conf && exec php-fpm --nodaemonize --allow-to-run-as-root -y fpm.conf',
		cwd: '{dir}',
		env: { CONF: pool },
		ready: notified(),
	},
	web: {
		dependsOn: 'php',
		options: ({ php }: { php: RunningDaemon }) => ({
			name: 'nginx',
			startupCommand: 'printf %s "$CONF" >nginx.conf && exec nginx -p {dir} -c nginx.conf -e stderr',
			cwd: '{dir}',
			env: { CONF: siteFor(`${php.dir}/php.sock`) },
			port: 'auto',
		}),
	},
});

test('a page in PHP says hello', async () => {
	await withDaemons(group, async ({ web }) => {
		const response = await fetch(`http://127.0.0.1:${web.port}/`);
		expect(await response.text()).toBe('hello from fpm-fcgi');
	});
});
