/** PostgreSQL says itself when it is ready. It makes its data folder first, and refuses to be root. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { notified } from 'withdaemon';
import { useDaemon } from 'withdaemon/vitest';

// Root becomes another user, who is let in first. All others execute the command as it is.
const letIn = 'mkdir {dir}/data; chmod 711 {dir}; chown postgres {dir}/data $NOTIFY_SOCKET';
const become = 'exec setpriv --reuid=postgres --regid=postgres --init-groups';
const asUser = process.getuid?.() === 0 ? `${letIn}; ${become}` : 'exec';
const initdb = 'initdb -U postgres -A trust --no-sync -D {dir}/data';

const postgres = useDaemon({
	name: 'postgres',
	startupCommand: `${asUser} sh -c '${initdb} && exec postgres -F -D {dir}/data -h 127.0.0.1 -p {port} -k ""'`,
	port: 'auto',
	ready: notified(),
	startupTimeout: 100_000, // initdb takes some seconds, or many on a busy machine
	shutdownCommand: 'SIGINT', // SIGTERM waits until the last client has left
});

test('PostgreSQL answers a query', () => {
	const url = `postgres://postgres@127.0.0.1:${postgres.port}/postgres`;
	const answer = execFileSync('psql', ['-XAtc', 'select 1 + 2', url], { encoding: 'utf8' });
	expect(answer).toBe('3\n');
});
