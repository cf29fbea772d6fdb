/** Vite is ready when it accepts connections at its port. */
import { expect, test } from 'vitest';
import { useDaemon } from 'withdaemon/vitest';

const vite = useDaemon({
	startupCommand: 'vite --host 127.0.0.1 --port {port} --strictPort',
	cwd: new URL('.', import.meta.url), // where `index.html` is
	port: 'auto',
});

test('Vite serves the page', async () => {
	const response = await fetch(`http://127.0.0.1:${vite.port}/`);
	expect(await response.text()).toContain('<title>hello</title>');
});
