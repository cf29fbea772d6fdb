import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCaller } from './support/callers.ts';
import { project } from './support/projects.ts';
import { onTestFinished } from './support/this-test.ts';
import { callLibc } from './support/way-to-libc.ts';

const clock = `import { Server } from 'withdaemon';
export const clock = new Server('Clock', { interval: 10, run: () => console.log('ready') });
export const stay = () => void setInterval(() => console.log('ready'), 10);
`;

/**
 * How often each kind is started and stopped after its first time. For more: `CYCLES=200 npx vitest run test/cycles`.
 */
const CYCLES = process.env['CYCLES'] ?? '1';

test('repeated starts and stops of each kind leave nothing behind', {
	timeout: 60_000 + 30_000 * Number(CYCLES),
}, async () => {
	onTestFinished(callLibc());
	const folder = project({ 'clock.mjs': clock });
	const list = () => [readdirSync(folder), readdirSync(process.env['TMPDIR'] ?? '')];
	const before = list();
	const { output, errors, code } = await runCaller('cycles.mjs', [
		CYCLES,
		join(folder, 'clock.mjs'),
		join(folder, 'x.pid'),
	]);
	expect(errors).toBe('');
	expect(Object.entries(JSON.parse(output))).toEqual(
		['function', 'module', 'server', 'hooks', 'failing function', 'foreground server'].map(kind => [
			kind,
			'nothing left',
		]),
	);
	expect(code).toBe(0);
	// The reaper removes the registry when its caller is dead.
	await expect.poll(list).toEqual(before);
});
