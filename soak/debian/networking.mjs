/**
 * Servers of names, messages, shells and files: the options that start them without a pattern, and one request for
 * each.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { configured, isRoot, PORT } from './entry.mjs';
import { dns, exchange, greetedByTls, local, MQTT_CONNECT } from './first-requests.mjs';

/** @type {readonly import('./entry.mjs').Entry[]} */
export const networking = [
	{
		program: 'mosquitto',
		debianPackage: 'mosquitto',
		readyBy: PORT,
		prepare: ({ program }) => ({ startupCommand: [program, '-p', '{port}'], port: 'auto' }),
		ask: ({ port }) => exchange(local(port), MQTT_CONNECT),
		begins: '\x20\x02\0\0',
	},
	{
		program: 'nats-server',
		debianPackage: 'nats-server',
		readyBy: PORT,
		prepare: ({ program }) => ({ startupCommand: [program, '-a', '127.0.0.1', '-p', '{port}'], port: 'auto' }),
		ask: ({ port }) => exchange(local(port), 'PING\r\n'),
		begins: 'INFO {',
	},
	{
		program: 'dnsmasq',
		debianPackage: 'dnsmasq-base',
		readyBy: PORT,
		prepare: ({ program }) => {
			const names = ['--no-resolv', '--no-hosts', '--address=/hello.test/127.0.0.9'];
			const place = ['--listen-address=127.0.0.1', '--bind-interfaces', '--conf-file=/dev/null', '--pid-file'];
			return {
				startupCommand: [program, '-k', '-p', '{port}', ...place, ...names, ...(isRoot ? ['-u', 'root'] : [])],
				port: 'auto',
			};
		},
		ask: ({ port }) => dns(port, 'hello.test'),
		begins: 'answers: 1',
	},
	{
		program: 'unbound',
		debianPackage: 'unbound',
		readyBy: PORT,
		prepare: ({ folder, program }) => {
			const off = ['chroot', 'username', 'pidfile', 'logfile'].map(name => `${name}: ""`);
			const place = ['interface: 127.0.0.1', 'port: {port}', 'use-syslog: no', 'do-daemonize: no', ...off];
			const lines = [
				'server:',
				...place,
				'local-data: "hello.test. A 127.0.0.9"',
				'remote-control:',
				'control-enable: no',
			];
			const conf = join(folder, 'conf');
			return { startupCommand: configured(conf, lines, program, '-d', '-c', conf), port: 'auto' };
		},
		ask: ({ port }) => dns(port, 'hello.test'),
		begins: 'answers: 1',
	},
	{
		program: 'sshd',
		debianPackage: 'openssh-server',
		readyBy: PORT,
		prepare: ({ folder, program }) => {
			const key = join(folder, 'key');
			execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
			const options = ['ListenAddress=127.0.0.1', 'PidFile=none', `HostKey=${key}`].flatMap(option => ['-o', option]);
			return { startupCommand: [program, '-D', '-e', '-f', '/dev/null', '-p', '{port}', ...options], port: 'auto' };
		},
		ask: ({ port }) => exchange(local(port)),
		begins: 'SSH-2.0-',
	},
	{
		program: 'stunnel4',
		debianPackage: 'stunnel4',
		readyBy: PORT,
		prepare: ({ folder, program }) => {
			const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
			const request = [
				'req',
				'-x509',
				'-newkey',
				'rsa:2048',
				'-nodes',
				'-subj',
				'/CN=test',
				'-keyout',
				key,
				'-out',
				cert,
			];
			execFileSync('openssl', request, { stdio: 'ignore' });
			const service = ['[s]', 'accept = 127.0.0.1:{port}', 'exec = /bin/echo', 'execArgs = echo hello'];
			const lines = ['foreground = yes', 'pid =', `cert = ${cert}`, `key = ${key}`, ...service];
			return { startupCommand: configured(join(folder, 'conf'), lines, program, join(folder, 'conf')), port: 'auto' };
		},
		ask: ({ port }) => greetedByTls(port),
		begins: 'hello\n',
	},
	{
		program: 'vsftpd',
		debianPackage: 'vsftpd',
		readyBy: PORT,
		prepare: ({ folder, program }) => {
			const place = ['listen=YES', 'listen_address=127.0.0.1', 'listen_port={port}', 'background=NO'];
			const lines = [...place, `secure_chroot_dir=${folder}`, ...(isRoot ? [] : ['run_as_launching_user=YES'])];
			return { startupCommand: configured(join(folder, 'conf'), lines, program, join(folder, 'conf')), port: 'auto' };
		},
		ask: ({ port }) => exchange(local(port)),
		begins: '220 ',
	},
];
