import { expect, test } from 'vitest';
import { useDaemon } from 'withdaemon/vitest';

const api = useDaemon({
	startupCommand: { module: new URL('api.mjs', import.meta.url), args: [{ limit: 100 }] },
	lookFor: /listening on .* port: (?<port>\d+)/,
});

test('a note that was sent is kept', async () => {
	const { port } = api.captures;
	const url = `http://127.0.0.1:${port}/`;
	await fetch(url, { method: 'POST', body: '{"text":"buy milk"}' });
	expect(await (await fetch(url)).json()).toEqual([{ text: 'buy milk' }]);
});
