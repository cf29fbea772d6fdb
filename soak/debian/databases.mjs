/** Databases, caches and their pools: the options that start them without a pattern, and one request for each. */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { as, configured, isRoot, NOTIFIED, PORT } from './entry.mjs';
import { exchange, http, local, postgresqlStartup } from './first-requests.mjs';

/** @type {readonly import('./entry.mjs').Entry[]} */
export const databases = [
	{
		program: 'postgres',
		debianPackage: 'postgresql-15',
		readyBy: NOTIFIED,
		prepare: ({ folder, program, library }) => {
			const user = as('postgres', folder);
			const data = join(folder, 'data');
			const [command = '', ...args] = [...user, join(dirname(program), 'initdb'), '-D', data, '-U', 'postgres'];
			execFileSync(command, [...args, '-A', 'trust', '--no-locale', '--no-sync'], { cwd: folder });
			const options = ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
			return {
				startupCommand: [
					'sh',
					'-c',
					'chmod 711 "$0"; chmod 666 "$NOTIFY_SOCKET"; exec "$@"',
					'{dir}',
					...user,
					program,
					'-D',
					data,
					'-p',
					'{port}',
					...options,
				],
				port: 'auto',
				ready: library.notified(),
				shutdownCommand: 'SIGINT',
			};
		},
		ask: ({ port }) => exchange(local(port), postgresqlStartup('postgres', 'postgres')),
		begins: 'R\0\0\0\x08\0\0\0\0',
	},
	{
		program: 'pgbouncer',
		debianPackage: 'pgbouncer',
		readyBy: NOTIFIED,
		prepare: ({ folder, program, library }) => {
			const user = as('postgres', folder);
			const lines = [
				'[databases]',
				'[pgbouncer]',
				'listen_addr = 127.0.0.1',
				'listen_port = {port}',
				'unix_socket_dir =',
				'auth_type = any',
				'admin_users = admin',
			];
			const conf = join(folder, 'conf');
			const shell = ['sh', '-c', 'chmod 711 "$0"; chmod 666 "$NOTIFY_SOCKET"; exec "$@"', '{dir}'];
			return {
				startupCommand: [...shell, ...configured(conf, lines, ...user, program, conf)],
				port: 'auto',
				ready: library.notified(),
			};
		},
		ask: ({ port }) => exchange(local(port), postgresqlStartup('admin', 'pgbouncer')),
		begins: 'R\0\0\0\x08\0\0\0\0',
	},
	{
		program: 'mariadbd',
		debianPackage: 'mariadb-server-core',
		readyBy: PORT,
		prepare: ({ folder, program }) => {
			const user = isRoot ? ['--user=root'] : [];
			const files = ['--no-defaults', `--datadir=${folder}/data`];
			execFileSync('mariadb-install-db', [...files, ...user, '--auth-root-authentication-method=normal'], {
				stdio: 'ignore',
			});
			const command = [
				program,
				...files,
				...user,
				'--bind-address=127.0.0.1',
				'--port={port}',
				`--socket=${folder}/sock`,
			];
			return { startupCommand: command, port: 'auto' };
		},
		// Behind its length and number, the greeting begins with the version of the protocol.
		ask: async ({ port }) => (await exchange(local(port))).slice(4),
		begins: '\x0a',
	},
	{
		program: 'redis-server',
		debianPackage: 'redis-server',
		readyBy: PORT,
		prepare: ({ program }) => ({
			startupCommand: [program, '--bind', '127.0.0.1', '--port', '{port}', '--dir', '{dir}', '--save', ''],
			port: 'auto',
		}),
		ask: ({ port }) => exchange(local(port), 'PING\r\n'),
		begins: '+PONG\r\n',
	},
	{
		program: 'memcached',
		debianPackage: 'memcached',
		readyBy: "ready: socketOpen('{dir}/memcached.sock')",
		prepare: ({ program, library }) => ({
			startupCommand: [program, '-s', '{dir}/memcached.sock', ...(isRoot ? ['-u', 'root'] : [])],
			ready: library.socketOpen('{dir}/memcached.sock'),
		}),
		ask: ({ dir }) => exchange({ path: join(dir, 'memcached.sock') }, 'version\r\n'),
		begins: 'VERSION ',
	},
	{
		program: 'etcd',
		debianPackage: 'etcd-server',
		readyBy: NOTIFIED,
		prepare: ({ program, library }) => {
			const [client, peer] = ['http://127.0.0.1:{port}', 'http://127.0.0.1:{ports.peer}'];
			const clients = ['--listen-client-urls', client, '--advertise-client-urls', client];
			const peers = [
				'--listen-peer-urls',
				peer,
				'--initial-advertise-peer-urls',
				peer,
				'--initial-cluster',
				`default=${peer}`,
			];
			return {
				startupCommand: [program, '--data-dir', '{dir}/data', ...clients, ...peers],
				port: 'auto',
				ports: { peer: 'auto' },
				ready: library.notified(),
			};
		},
		ask: ({ port }) => http(port, '/health'),
		begins: '200 OK',
	},
];
