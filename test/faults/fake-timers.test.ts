/** The timers and clocks are fake before the library is imported, in a vitest of its own: every time limit holds. */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { project, runVitest } from '../support/projects.ts';

const suite = fileURLToPath(new URL('../../fixtures/vitest-fake-timers', import.meta.url));

const pools = ['forks', 'threads', 'vmThreads'];

test('timers that a setup file has faked stop no time limit, in any pool', { timeout: 240_000 }, async () => {
	const folder = project({});
	cpSync(suite, folder, { recursive: true });
	const { status, output } = await runVitest(folder, '--reporter', 'verbose');
	const passed = pools.map(pool => output.split(` ✓ |${pool}| limits.suite.ts > `).length - 1);
	expect([status, passed], output).toEqual([0, pools.map(() => 7)]);
});
