/** PostgreSQL says itself when it is ready, after a task has made its data folder. It refuses to be root. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { defineDaemons, notified, withDaemons } from 'withdaemon';

// Root becomes another user, who is let in first. All others execute the command as it is.
const letIn = 'mkdir {dir}/data; chmod 711 {dir}; chown postgres {dir}/data $NOTIFY_SOCKET';
const become = 'exec setpriv --reuid=postgres --regid=postgres --init-groups';
const asUser = process.getuid?.() === 0 ? `${letIn}; ${become}` : 'exec';

const group = defineDaemons({
	initdb: {
		startupCommand: `${asUser} initdb -U postgres -A trust --no-sync -D {dir}/data`,
		task: true,
		exports: { PGDATA: '{dir}/data' },
	},
	postgres: {
		startupCommand: `${asUser} postgres -F -h 127.0.0.1 -p {port} -k ''`,
		dependsOn: 'initdb',
		port: 'auto',
		ready: notified(),
		shutdownCommand: 'SIGINT', // SIGTERM waits until the last client has left
		exports: { DATABASE_URL: 'postgres://postgres@127.0.0.1:{port}/postgres' },
	},
});

test('PostgreSQL answers a query', { timeout: 60_000 }, async () => {
	await withDaemons(group, (_, { exports }) => {
		const answer = execFileSync('psql', ['-XAtc', 'select 1 + 2', String(exports['DATABASE_URL'])], {
			encoding: 'utf8',
		});
		expect(answer).toBe('3\n');
	});
});
