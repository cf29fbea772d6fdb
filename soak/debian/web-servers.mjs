/**
 * Servers of HTTP, proxies and application servers: the options that start them without a pattern, and one request for
 * each.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { as, configured, isRoot, LISTEN, NOTIFIED, PORT } from './entry.mjs';
import { exchange, FASTCGI_VALUES, http, local } from './first-requests.mjs';

/** @type {readonly import('./entry.mjs').Entry[]} */
export const webServers = [
	{
		program: 'nginx',
		debianPackage: 'nginx',
		readyBy: PORT,
		prepare: ({ folder, program }) => {
			const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
				name => `${name}_temp_path ${folder}/${name};`,
			);
			const server = 'server { listen 127.0.0.1:{port}; location / { return 200 hello; } }';
			const lines = [
				`daemon off; pid ${folder}/pid; events {}`,
				`http { access_log off; ${temporary.join(' ')} ${server} }`,
			];
			const conf = join(folder, 'conf');
			return { startupCommand: configured(conf, lines, program, '-e', 'stderr', '-c', conf), port: 'auto' };
		},
		ask: ({ port }) => http(port),
		begins: '200 OK',
	},
	{
		program: 'apache2',
		debianPackage: 'apache2-bin',
		readyBy: PORT,
		prepare: ({ folder, program }) => {
			writeFileSync(join(folder, 'index.html'), 'hello');
			const modules = ['mpm_event', 'authz_core'].map(
				name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
			);
			const paths = [
				`ServerRoot ${folder}`,
				`DocumentRoot ${folder}`,
				`PidFile ${folder}/pid`,
				`DefaultRuntimeDir ${folder}`,
			];
			const lines = [...modules, ...paths, 'ServerName test', 'Listen 127.0.0.1:{port}', 'ErrorLog /dev/stderr'];
			if (isRoot) lines.push('User www-data', 'Group www-data');
			const conf = join(folder, 'conf');
			return { startupCommand: configured(conf, lines, program, '-D', 'FOREGROUND', '-f', conf), port: 'auto' };
		},
		ask: ({ port }) => http(port, '/index.html'),
		begins: '200 OK',
	},
	{
		program: 'lighttpd',
		debianPackage: 'lighttpd',
		readyBy: LISTEN,
		prepare: ({ folder, program }) => {
			writeFileSync(join(folder, 'index.html'), 'hello');
			const lines = [`server.document-root = "${folder}"`, 'server.systemd-socket-activation = "enable"'];
			writeFileSync(join(folder, 'conf'), [...lines, 'index-file.names = ("index.html")', ''].join('\n'));
			return { startupCommand: [program, '-D', '-f', join(folder, 'conf')], listen: 'auto' };
		},
		ask: ({ port }) => http(port),
		begins: '200 OK',
	},
	{
		program: 'haproxy',
		debianPackage: 'haproxy',
		readyBy: NOTIFIED,
		prepare: ({ folder, program, library }) => {
			const defaults = [
				'defaults',
				'mode http',
				...['client', 'server', 'connect'].map(which => `timeout ${which} 5s`),
			];
			const answer = 'http-request return status 200 content-type text/plain string hello';
			const lines = [...defaults, 'frontend f', 'bind 127.0.0.1:{port}', answer];
			const startupCommand = configured(join(folder, 'conf'), lines, program, '-Ws', '-f', join(folder, 'conf'));
			return { startupCommand, port: 'auto', ready: library.notified() };
		},
		ask: ({ port }) => http(port),
		begins: '200 OK',
	},
	{
		program: 'squid',
		debianPackage: 'squid',
		readyBy: PORT,
		prepare: ({ folder, program }) => {
			as('proxy', folder);
			const paths = [`pid_filename ${folder}/pid`, `coredump_dir ${folder}`, `cache_log ${folder}/log`];
			const lines = [
				'http_port 127.0.0.1:{port}',
				'access_log none',
				'cache deny all',
				'pinger_enable off',
				'shutdown_lifetime 0 seconds',
				...paths,
			];
			const conf = join(folder, 'conf');
			return { startupCommand: configured(conf, lines, program, '-N', '-f', conf), port: 'auto' };
		},
		ask: ({ port }) => http(port),
		begins: '400 Bad Request',
	},
	{
		program: 'tinyproxy',
		debianPackage: 'tinyproxy',
		readyBy: PORT,
		prepare: ({ folder, program }) => {
			const conf = join(folder, 'conf');
			const lines = ['Port {port}', 'Listen 127.0.0.1', 'Timeout 60', 'MaxClients 10'];
			return { startupCommand: configured(conf, lines, program, '-d', '-c', conf), port: 'auto' };
		},
		ask: ({ port }) => http(port),
		begins: '400 Bad Request',
	},
	{
		program: 'gunicorn',
		debianPackage: 'gunicorn',
		readyBy: LISTEN,
		prepare: ({ folder, program }) => {
			const lines = ['def app(environ, start):', "    start('200 OK', [])", "    return [b'hello']", ''];
			writeFileSync(join(folder, 'app.py'), lines.join('\n'));
			return { startupCommand: [program, '--chdir', folder, 'app:app'], listen: 'auto' };
		},
		ask: ({ port }) => http(port),
		begins: '200 OK',
	},
	{
		program: 'python3',
		debianPackage: 'python3',
		readyBy: PORT,
		prepare: ({ folder, program }) => ({
			startupCommand: [program, '-m', 'http.server', '--bind', '127.0.0.1', '--directory', folder, '{port}'],
			port: 'auto',
		}),
		ask: ({ port }) => http(port),
		begins: '200 OK',
	},
	{
		program: 'php-fpm8.2',
		debianPackage: 'php8.2-fpm',
		readyBy: NOTIFIED,
		prepare: ({ folder, program, library }) => {
			const user = isRoot ? ['user = www-data', 'group = www-data'] : [];
			const pool = ['[www]', ...user, 'listen = 127.0.0.1:{port}', 'pm = static', 'pm.max_children = 1'];
			const lines = ['[global]', 'error_log = /dev/stderr', ...pool];
			const conf = join(folder, 'conf');
			const startupCommand = configured(conf, lines, program, '-F', '-y', conf);
			return { startupCommand, port: 'auto', ready: library.notified() };
		},
		ask: ({ port }) => exchange(local(port), FASTCGI_VALUES),
		begins: '\x01\x0a',
	},
];
