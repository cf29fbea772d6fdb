/** The timers and clocks are fake before the library is imported, in a vitest of its own: every time limit holds. */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { project, runVitest } from '../support/projects.ts';

const suite = fileURLToPath(new URL('../../fixtures/vitest-fake-timers', import.meta.url));

const pools = ['forks', 'threads', 'vmThreads'];

test('timers that a setup file has faked stop no time limit, in any pool', { timeout: 240_000 }, async () => {
	const runs = pools.map(async pool => {
		const folder = project({});
		cpSync(suite, folder, { recursive: true });
		return await runVitest(folder, '--pool', pool);
	});
	const passed = { status: 0, output: expect.stringContaining('Tests  7 passed (7)') };
	expect(await Promise.all(runs)).toEqual(pools.map(() => passed));
});
