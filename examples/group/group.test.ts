import { expect, test } from 'vitest';
import { defineDaemons, type RunningDaemon } from 'withdaemon';
import { withDaemons } from 'withdaemon/vitest';

const cwd = new URL('.', import.meta.url);
const server = { startupCommand: 'node store.mjs', cwd, port: 'auto', lookFor: 'listening' } as const;

const group = defineDaemons({
	store: { ...server, env: { PORT: '{port}' }, exports: { STORE_URL: 'http://127.0.0.1:{port}' } },
	migrate: { startupCommand: 'node migrate.mjs', cwd, dependsOn: 'store', task: true },
	other: {
		dependsOn: ['store', 'migrate'],
		options: ({ store }: { store: RunningDaemon }) => ({ ...server, env: { PORT: '{port}', UPSTREAM: store.port } }),
	},
});

test('the store has its first name', async () => {
	await withDaemons(group, async ({ store, other }, { exports }) => {
		const response = await fetch(String(exports['STORE_URL']));
		expect(await response.text()).toBe('first');
		expect(other.port).not.toBe(store.port);
	});
});
