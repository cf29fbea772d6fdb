/** Vite is ready when it answers with the page. */
import { expect, test } from 'vitest';
import { useDaemon } from 'withdaemon/vitest';

const vite = useDaemon({
	startupCommand: 'vite --host 127.0.0.1 --port {port} --strictPort',
	cwd: new URL('.', import.meta.url), // where `index.html` is
	port: 'auto',
	ready: 'http://127.0.0.1:{port}/', // it listens for a moment before that, to see whether the port is free
});

test('Vite serves the page', async () => {
	const response = await fetch(`http://127.0.0.1:${vite.port}/`);
	expect(await response.text()).toContain('<title>hello</title>');
});
