import { once } from 'node:events';
import { expect, test } from 'vitest';
import { TryLimit } from '../../src/readiness/try-limit.ts';

test('each try that is not over in time doubles the limit', async () => {
	const limit = new TryLimit(1);
	const hang = async (signal: AbortSignal) => {
		await once(signal, 'abort');
		throw signal.reason;
	};
	const answers: (true | string)[] = [];
	for (let tries = 0; tries < 4; tries++)
		answers.push(await limit.hold(hang, ms => `not within ${ms} ms`, new AbortController().signal));
	expect(answers).toEqual(['not within 1 ms', 'not within 2 ms', 'not within 4 ms', 'not within 8 ms']);
});
