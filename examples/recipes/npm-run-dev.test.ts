/** `npm run dev` is ready when the server that it starts accepts connections at its port. */
import { expect, test } from 'vitest';
import { useDaemon } from 'withdaemon/vitest';

const server = useDaemon({
	startupCommand: 'npm run dev',
	cwd: new URL('.', import.meta.url), // where `package.json` is
	env: { PORT: '{port}', npm_config_update_notifier: 'false' },
	port: 'auto',
});

test('the server says hello', async () => {
	const response = await fetch(`http://127.0.0.1:${server.port}/`);
	expect(await response.text()).toBe('hello');
});
