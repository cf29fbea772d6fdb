/** The timers and clocks are fake before the library is imported, in a vitest of its own: every time limit holds. */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { project, runVitest } from '../support/projects.ts';

const suite = fileURLToPath(new URL('../../fixtures/vitest-fake-timers', import.meta.url));

test('timers that a setup file has faked stop no time limit, in any pool', { timeout: 90_000 }, async () => {
	const folder = project({});
	cpSync(suite, folder, { recursive: true });
	for (const pool of ['forks', 'threads', 'vmThreads']) {
		const { status, output } = await runVitest(folder, '--pool', pool);
		expect(output).toContain('Tests  7 passed (7)');
		expect(status).toBe(0);
	}
});
