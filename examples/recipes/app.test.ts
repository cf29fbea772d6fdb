/** An app starts when a task has prepared its database. */
import { expect, test } from 'vitest';
import { defineDaemons, notified, withDaemons } from 'withdaemon';

const group = defineDaemons({
	database: {
		startupCommand: "redis-server --bind 127.0.0.1 --port {port} --dir {dir} --save '' --supervised systemd",
		port: 'auto',
		ready: notified(),
		exports: { DATABASE_URL: 'redis://127.0.0.1:{port}' },
	},
	migration: {
		startupCommand: 'redis-cli -e -u "$DATABASE_URL" set greeting hello',
		dependsOn: 'database',
		task: true,
	},
	app: {
		startupCommand: 'node app.mjs',
		cwd: new URL('.', import.meta.url),
		env: { PORT: '{port}' },
		port: 'auto',
		dependsOn: ['database', 'migration'],
	},
});

test('the app finds what the migration has written', async () => {
	await withDaemons(group, async ({ app }) => {
		const response = await fetch(`http://127.0.0.1:${app.port}/`);
		expect(await response.text()).toBe('hello');
	});
});
