/** MariaDB says itself when it is ready. It makes its data folder first. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { notified } from 'withdaemon';
import { useDaemon } from 'withdaemon/vitest';

const mariadb = useDaemon({
	name: 'mariadb',
	startupCommand: [
		'mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db --datadir={dir}/data',
		'&& exec mariadbd --no-defaults --user=root --datadir={dir}/data --pid-file={pidFile}',
		'--bind-address=127.0.0.1 --port={port} --socket={dir}/mariadb.sock',
	].join(' '),
	port: 'auto',
	ready: notified(),
	startupTimeout: 100_000, // some seconds, or many on a busy machine
});

test('MariaDB answers a query', () => {
	const address = ['--skip-ssl', '--host=127.0.0.1', `--port=${mariadb.port}`, '--user=root'];
	const answer = execFileSync('mariadb', ['--no-defaults', ...address, '-Ne', 'select 1 + 2'], { encoding: 'utf8' });
	expect(answer).toBe('3\n');
});
