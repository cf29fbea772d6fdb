import { expect, test } from 'vitest';
import { useDaemon } from 'withdaemon/vitest';

const api = useDaemon({ startupCommand: 'node api.mjs', cwd: new URL('.', import.meta.url), listen: 'auto' });

test('the first request waits until the API answers', async () => {
	const response = await fetch(`http://127.0.0.1:${api.port}/`);
	expect(await response.text()).toBe('hello');
});
