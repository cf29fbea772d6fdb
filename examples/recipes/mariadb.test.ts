/** MariaDB says itself when it is ready, after a task has made its data folder. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { defineDaemons, notified, withDaemons } from 'withdaemon';

const group = defineDaemons({
	data: {
		startupCommand:
			'mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db --datadir={dir}/data',
		task: true,
		startupTimeout: 100_000, // some seconds, or many on a busy machine
		exports: { DATA: '{dir}/data' },
	},
	mariadb: {
		startupCommand: [
			'exec mariadbd --no-defaults --user=root --datadir="$DATA" --pid-file={pidFile}',
			'--bind-address=127.0.0.1 --port={port} --socket={dir}/mariadb.sock',
		].join(' '),
		dependsOn: 'data',
		port: 'auto',
		ready: notified(),
		exports: { DATABASE_URL: 'mysql://root@127.0.0.1:{port}/' },
	},
});

test('MariaDB answers a query', { timeout: 150_000 }, async () => {
	await withDaemons(group, ({ mariadb }) => {
		const address = ['--skip-ssl', '--host=127.0.0.1', `--port=${mariadb.port}`, '--user=root'];
		const answer = execFileSync('mariadb', ['--no-defaults', ...address, '-Ne', 'select 1 + 2'], { encoding: 'utf8' });
		expect(answer).toBe('3\n');
	});
});
