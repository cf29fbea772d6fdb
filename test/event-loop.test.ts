import { expect, test } from 'vitest';
import { runCaller } from './support/callers.ts';

test.each([
	['exited', { code: 3, signal: null }],
	['exited without launcher', { code: null, signal: null }],
	['exited of an adopted daemon', { code: null, signal: null }],
	['follow', ['ready']],
	['withDaemon after a restart', 'DaemonExitedError'],
])('a caller that waits for nothing else hears of it and then ends: %s', async (scenario, outcome) => {
	const { output, errors, code } = await runCaller('loop.mjs', [scenario]);
	expect({ errors, code, outcome: JSON.parse(output) }).toEqual({ errors: '', code: 0, outcome });
});
